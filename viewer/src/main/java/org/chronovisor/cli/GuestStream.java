package org.chronovisor.cli;

import java.io.IOException;
import java.io.OutputStream;
import java.util.Objects;

/** Passes the guest's output on, and keeps the status line out of its lines. */
final class GuestStream extends OutputStream {
  private final OutputStream out;
  private final StatusLine status;
  private boolean lineOpen;

  GuestStream(OutputStream out, StatusLine status) {
    this.out = out;
    this.status = status;
  }

  /** The guest's last line has not ended: drawing over it would destroy it. */
  boolean isLineOpen() {
    synchronized (status) {
      return lineOpen;
    }
  }

  @Override
  public void write(int b) throws IOException {
    write(new byte[] {(byte) b}, 0, 1);
  }

  @Override
  public void write(byte[] bytes, int offset, int length) throws IOException {
    Objects.checkFromIndexSize(offset, length, bytes.length);
    if (length == 0) {
      return;
    }
    synchronized (status) {
      status.clear();
      out.write(bytes, offset, length);
      out.flush();
      lineOpen = bytes[offset + length - 1] != '\n';
    }
  }

  @Override
  public void flush() throws IOException {
    out.flush();
  }
}
