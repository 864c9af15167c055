package org.chronovisor.recorder;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.chronovisor.trace.Symbol;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KernelImageTest {
  @TempDir Path directory;

  @Test
  void findsTheMultibootEntryOfAFlatImage() throws IOException {
    ByteBuffer image = ByteBuffer.allocate(8192).order(ByteOrder.LITTLE_ENDIAN);
    int flags = 0x10000;
    image.putInt(64, 0x1BADB002).putInt(68, flags).putInt(72, -(0x1BADB002 + flags));
    image.putInt(64 + 28, 0x123456);
    Path file = Files.write(directory.resolve("k"), image.array());
    assertEquals(0x123456, KernelImage.read(file).entry().orElseThrow());
  }

  @Test
  void knowsThatItDoesNotKnow() throws IOException {
    Path file = Files.write(directory.resolve("k"), new byte[100]);
    assertTrue(KernelImage.read(file).entry().isEmpty());
  }

  @Test
  void saysThatAnElfFileIsDamaged() throws IOException {
    byte[] bytes = new byte[100];
    bytes[0] = 0x7f;
    bytes[1] = 'E';
    bytes[2] = 'L';
    bytes[3] = 'F';
    bytes[4] = 9;
    Path file = Files.write(directory.resolve("k"), bytes);
    assertThrows(RecordException.class, () -> KernelImage.read(file));
  }

  @Test
  void proposesSymbolsThatAreNear() {
    List<Symbol> symbols = List.of(new Symbol("kmain", 16, 4, true), new Symbol("x", 1, 1, true));
    assertEquals(16, KernelImage.find(symbols, "kmain"));
    RecordException e =
        assertThrows(RecordException.class, () -> KernelImage.find(symbols, "kmian"));
    assertTrue(e.getMessage().contains("did you mean kmain"), e.getMessage());
  }
}
