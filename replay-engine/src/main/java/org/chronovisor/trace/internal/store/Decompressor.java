package org.chronovisor.trace.internal.store;

import com.github.luben.zstd.ZstdDecompressCtx;
import com.github.luben.zstd.ZstdException;
import java.util.concurrent.ConcurrentLinkedDeque;

/**
 * Keeps zstd contexts for reuse, one per thread that decompresses at the same time: making one
 * costs as much as decompressing a page. Thread-safe.
 */
final class Decompressor {
  private static final ConcurrentLinkedDeque<ZstdDecompressCtx> IDLE =
      new ConcurrentLinkedDeque<>();

  private Decompressor() {}

  /**
   * Decompresses one frame.
   *
   * @return length of the result, which fits into {@code target}
   * @throws ZstdException when the frame is bad or longer than the target
   */
  static int decompress(byte[] frame, byte[] target) {
    ZstdDecompressCtx context = IDLE.poll();
    if (context == null) {
      context = new ZstdDecompressCtx();
    }
    try {
      return context.decompressByteArray(target, 0, target.length, frame, 0, frame.length);
    } finally {
      context.reset();
      IDLE.push(context);
    }
  }
}
