package org.chronovisor.x86.lab;

import java.util.List;
import java.util.TreeSet;

/**
 * Instructions that have no model on purpose: recording captures what they write.
 *
 * <p>An entry is a mnemonic when none of its forms has a model, else the text of one form.
 */
final class Unmodelled {
  static final TreeSet<String> CODE64 =
      new TreeSet<>(
          List.of(
              "aesdec",
              "aesdeclast",
              "aesenc",
              "aesenclast",
              "aesimc",
              "aeskeygenassist",
              "dppd",
              "dpps",
              "fxsave",
              "movq (%rbx), %mm0",
              "mpsadbw",
              "pclmulqdq",
              "sha1msg1",
              "sha1msg2",
              "sha1nexte",
              "sha1rnds4",
              "sha256msg1",
              "sha256msg2",
              "sha256rnds2"));

  static final TreeSet<String> CODE32 =
      new TreeSet<>(
          List.of(
              "aesdec",
              "aesdeclast",
              "aesenc",
              "aesenclast",
              "aesimc",
              "aeskeygenassist",
              "bound",
              "dppd",
              "dpps",
              "fxsave",
              "movq (%ebx), %mm0",
              "mpsadbw",
              "pclmulqdq",
              "sha1msg1",
              "sha1msg2",
              "sha1nexte",
              "sha1rnds4",
              "sha256msg1",
              "sha256msg2",
              "sha256rnds2"));

  /** In both modes. */
  static final TreeSet<String> AVX =
      new TreeSet<>(
          List.of(
              "vaesdec",
              "vaesdeclast",
              "vaesenc",
              "vaesenclast",
              "vaesimc",
              "vaeskeygenassist",
              "vdppd",
              "vdpps",
              "vmpsadbw",
              "vpclmulqdq"));

  private Unmodelled() {}
}
