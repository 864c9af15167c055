package org.chronovisor.x86;

/** Operating mode that decides how instruction bytes are decoded (Intel SDM vol. 3, 2.2). */
public enum Mode {
  /** Real mode or a 16-bit code segment. */
  CODE16,
  /** Protected or compatibility mode with a 32-bit code segment. */
  CODE32,
  /** 64-bit mode. */
  CODE64
}
