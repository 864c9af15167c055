package org.chronovisor.recorder;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class QemuCommandLineTest {
  private static final QemuCommandLine.Wiring WIRING =
      new QemuCommandLine.Wiring(
          Path.of("/p.so"),
          Path.of("/d/ring"),
          Path.of("/d/ram"),
          Path.of("/d/shadow"),
          Path.of("/d/c"),
          Path.of("/d/g"),
          Path.of("/d/q"));

  private static QemuCommandLine parse(String arguments) {
    List<String> command = new ArrayList<>(List.of("qemu-system-x86_64"));
    if (!arguments.isEmpty()) {
      command.addAll(List.of(arguments.split(" ")));
    }
    return new QemuCommandLine(command);
  }

  private static String recording(String arguments, boolean deterministic) {
    return String.join(" ", parse(arguments).recording(WIRING, deterministic));
  }

  @ParameterizedTest
  @CsvSource({
    "'', 134217728",
    "-m 64, 67108864",
    "-m 64M, 67108864",
    "-m size=1G, 1073741824",
    "'-m 512,slots=2,maxmem=4G', 536870912",
    "'-m slots=2,size=256k,maxmem=4G', 262144",
    "-m 1.5G, 1610612736",
    "-m 0x40, 67108864",
    "-m 10k, 16384"
  })
  void readsTheMemorySizeAsQemuDoes(String arguments, long bytes) {
    assertEquals(bytes, parse(arguments).ram().bytes());
  }

  @Test
  void keepsWhatTheUserSetAndAddsTheRecording() {
    String made = recording("-m 64 -kernel k.elf -append -smp -serial stdio", false);
    assertTrue(
        made.startsWith("qemu-system-x86_64 -m 64 -kernel k.elf -append -smp -serial stdio "),
        made);
    assertTrue(made.contains("-accel tcg"), made);
    assertTrue(made.contains("size=67108864,share=on,mem-path=/d/ram"), made);
    assertTrue(made.contains("-machine memory-backend=chronovisor-ram"), made);
    assertTrue(
        made.contains("-plugin file=/p.so,socket=/d/c,ring=/d/ring,ram=/d/ram,shadow=/d/shadow"),
        made);
    assertTrue(made.contains("-action panic=pause,reboot=shutdown,shutdown=pause"), made);
    assertTrue(made.endsWith(" -S"), made);
    assertFalse(made.contains("icount"), made);
  }

  @Test
  void addsIcountOnlyForDeterministicRecordingAndKeepsTheUsersOwn() {
    assertTrue(recording("", true).contains("-icount shift=7"));
    assertFalse(recording("-icount shift=3", true).contains("shift=7"));
  }

  @Test
  void addsNoAcceleratorWhenOneIsGiven() {
    assertFalse(recording("-accel tcg,tb-size=64", false).contains("-accel tcg "));
    assertFalse(recording("-M q35,accel=tcg", false).contains("-accel"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "-enable-kvm",
        "--enable-kvm",
        "-accel kvm",
        "-accel accel=kvm",
        "-machine q35,accel=kvm:tcg",
        "-M accel=xen",
        "-cpu host",
        "-smp 300",
        "-smp 2 -accel tcg,thread=multi",
        "-accel thread=multi,accel=tcg -smp cores=2,threads=2",
        "-daemonize",
        "-m lots",
        "-object {\"qom-type\":\"memory-backend-ram\",\"id\":\"r\",\"size\":1073741824}",
        "-object memory-backend-ram,id=r,size=lots",
        "-m 99999999G",
        "-machine help",
        "-device help",
        "-cpu ?",
        "-kernel=k.elf",
        "-readconfig /no/such/file",
        "-display curses",
        "-version",
        "-kernel"
      })
  void refusesInOneLineWhatItCannotRecord(String arguments) {
    RecordException e = assertThrows(RecordException.class, () -> parse(arguments));
    assertFalse(e.getMessage().contains("\n"), e.getMessage());
    assertTrue(e.isUsage(), e.getMessage());
  }

  @Test
  void theUsersMemoryBackendsBecomeSlicesOfTheRecordersFile() {
    String made =
        recording(
            "-m 192 -object memory-backend-ram,id=a,size=64M -numa node,memdev=a"
                + " -numa node,memdev=b -object memory-backend-memfd,id=b,size=128M,share=on"
                + " -object rng-random,id=c",
            false);
    assertTrue(made.contains("memory-backend-file,id=a,size=67108864,share=on,mem-path=/d/ram "));
    assertTrue(
        made.contains(
            "memory-backend-file,id=b,size=134217728,share=on,mem-path=/d/ram,offset=67108864"),
        made);
    assertFalse(made.contains("memory-backend-memfd"), made);
    assertFalse(made.contains("-machine"), made);
    assertTrue(made.contains("rng-random"), made);
    String module =
        recording(
            "-m 64,slots=1,maxmem=1G -object memory-backend-ram,id=d,size=64M"
                + " -device pc-dimm,memdev=d",
            false);
    assertTrue(module.contains("id=chronovisor-ram,size=67108864"), module);
    assertTrue(module.contains("id=d,size=67108864,share=on,mem-path=/d/ram,offset=67108864"));
    String own =
        recording("-machine memory-backend=r -object memory-backend-ram,id=r,size=1G", false);
    assertFalse(own.contains("chronovisor-ram"), own);
  }

  @Test
  void findsTheKernelAmongTheMachinesProperties() {
    assertEquals(Path.of("k.elf"), parse("-M q35,kernel=k.elf").kernel());
  }

  @Test
  void refusesOtherEmulators() {
    assertThrows(
        RecordException.class, () -> new QemuCommandLine(List.of("/usr/bin/qemu-system-arm")));
    assertThrows(RecordException.class, () -> new QemuCommandLine(List.of()));
  }

  @ParameterizedTest
  @ValueSource(strings = {"-S", "-s", "-gdb tcp::1234", "-mem-path /tmp", "-mem-prealloc"})
  void leavesOutWhatIsInTheWayAndSaysSo(String arguments) {
    QemuCommandLine line = parse(arguments);
    assertEquals(1, line.notices().size());
    assertFalse(
        String.join(" ", line.recording(WIRING, false))
            .startsWith("qemu-system-x86_64 " + arguments));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "-smp 2 | -smp 2 -accel tcg,thread=single",
        "-smp cores=2,threads=2 | -smp cores=2,threads=2 -accel tcg,thread=single",
        "-smp 2 -accel tcg,tb-size=64 | -smp 2 -accel tcg,tb-size=64,thread=single",
        "-smp 2 -accel tcg,thread=single | -smp 2 -accel tcg,thread=single",
        "-smp 2 -M q35,accel=tcg | -smp 2 -M q35 -accel tcg,thread=single",
        "-smp 2 -machine accel=tcg -m 64 | -smp 2 -m 64 -accel tcg,thread=single"
      })
  void letsSeveralCpusRunInTurn(String arguments, String expected) {
    String made = recording(arguments, false);
    assertTrue(made.startsWith("qemu-system-x86_64 " + expected + " -object "), made);
  }

  @Test
  void acceptsOneCpu() {
    parse("-smp 1");
    parse("-smp cpus=1,maxcpus=4");
    parse("-smp 1,sockets=1,cores=4");
  }

  @Test
  void refusesOldQemu() {
    RecordException e =
        assertThrows(
            RecordException.class,
            () ->
                QemuVersion.parse(
                    "qemu", "QEMU emulator version 7.2.11 (Debian 1:7.2+dfsg-7+deb12u6)"));
    assertTrue(e.getMessage().contains("9.2"), e.getMessage());
    assertEquals(
        10, QemuVersion.parse("qemu", "QEMU emulator version 10.0.2 (Debian ...)").major());
  }
}
