package org.chronovisor.symbols.demangle;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.chronovisor.symbols.dwarf.Binutils;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;

/** The demangler against c++filt, which has one for C++ and both Rust manglings. */
class DemanglerTest {
  private static final List<String> NAMES =
      List.of(
          "_Z1fv",
          "_ZN3foo3barEi.constprop.0",
          "_ZN3foo3barEi.part.0.isra.1",
          "_Z3arrRA3_A4_iPA5_iPFPFicEiE",
          "_ZNK1AcvT_IdEEv",
          "_Z3sumIJidlEEDTfrplfp_EDpT_",
          "_ZZ4mainENKUliE_clEi",
          "_ZN12_GLOBAL__N_13HidEv",
          "_ZThn16_N1A1fEv",
          "_ZTv0_n24_N1A1fEv",
          "_ZGVZ1fvE1x",
          "_ZNSt7__cxx1112basic_stringIcSt11char_traitsIcESaIcEEC1Ev",
          "_ZNKRSt8optionalIiE5valueEv",
          "_ZN1AdlEPv",
          "_Zli2_qy",
          "_Z3vecDv4_f",
          "_Z1fM1AKFivE",
          "_Z3invIZ4mainEUlicE5_JicEEDTclfp_spcl7forwardIT0_Efp0_EEEOT_DpOS1_",
          "_ZN4core3fmt9Formatter3pad17h0123456789abcdefE",
          "_ZN42_$LT$$RF$T$u20$as$u20$core..fmt..Debug$GT$3fmt17h02a6f9f8d46dbfb4E",
          "_ZN3std6thread9lifecycle18JoinInner$LT$T$GT$4join17ha54509b13424474cE",
          "_RINvCs6GmmlP4bgsG_1r2trAsj3_EB2_",
          "_RINvCs6GmmlP4bgsG_1r2trDNtNtCsgEmfK2I1SDS_4core3fmt5DebugEL_EB2_",
          "_RINvCs6GmmlP4bgsG_1r2trFFUKClEhElEB2_",
          "_RINvNtCsgEmfK2I1SDS_4core3ptr13drop_in_placeINtNtCslNYArtu3iFV_5alloc3vec3VecINtNtBL_"
              + "5boxed3BoxDINtNtNtB4_3ops8function6FnOnceuEp6OutputuNtNtB4_6marker4SendEL_EEEECs6Gmml"
              + "P4bgsG_1r",
          "_RNvXs0_NtNtCsgEmfK2I1SDS_4core3str5lossyNtB5_5DebugNtNtB9_3fmt5Debug3fmt",
          "_RNCNvC1a4main0",
          "main",
          "_start",
          "_Z",
          "_R",
          "_Zfoo");

  private static List<String> filtered(List<String> names) throws IOException {
    assumeTrue(Binutils.has("c++filt"), "c++filt is not installed");
    return Binutils.run(names, "c++filt", "-i");
  }

  @Test
  void namesOfManyKinds() throws IOException {
    List<String> expected = filtered(NAMES);
    for (int i = 0; i < NAMES.size(); i++) {
      assertEquals(expected.get(i), Demangler.demangle(NAMES.get(i)), NAMES.get(i));
    }
  }

  @Test
  void wholeLibrary() throws IOException {
    Path library = Path.of("/usr/lib/x86_64-linux-gnu/libstdc++.so.6");
    assumeTrue(Files.isReadable(library), "no C++ library at the usual place");
    List<String> names = new ArrayList<>();
    for (String line : Binutils.run("nm", "-D", library.toString())) {
      String name = line.substring(line.lastIndexOf(' ') + 1).replaceAll("@.*", "");
      if (name.startsWith("_Z")) {
        names.add(name);
      }
    }
    List<String> expected = filtered(names);
    List<String> different = new ArrayList<>();
    for (int i = 0; i < names.size(); i++) {
      if (!expected.get(i).equals(Demangler.demangle(names.get(i)))) {
        different.add(names.get(i));
      }
    }
    assertTrue(names.size() > 3000, names.size() + " names");
    assertTrue(different.size() <= names.size() / 1000, () -> different.toString());
  }

  @Test
  void rustCharactersBeyondAscii() {
    assertEquals(
        "r::ünder::gödel::<'é', true, -3>",
        Demangler.demangle("_RINvNtCs6GmmlP4bgsG_1ru8nder_zrau8gdel_5qaKce9_Kb1_Kan3_EB4_"));
  }

  /** Damaged names end in something, soon. */
  @Test
  void hostileNames() {
    Random random = new Random(3);
    Assertions.assertTimeout(
        Duration.ofSeconds(30),
        () -> {
          for (String name : NAMES) {
            for (int i = 0; i < 400; i++) {
              StringBuilder damaged = new StringBuilder(name);
              for (int n = 1 + random.nextInt(3); n > 0; n--) {
                int at = random.nextInt(damaged.length());
                char other = NAMES.get(random.nextInt(NAMES.size())).charAt(1);
                switch (random.nextInt(3)) {
                  case 0 -> damaged.setCharAt(at, (char) (32 + random.nextInt(96)));
                  case 1 -> damaged.insert(at, other);
                  default -> damaged.insert(at, name, 0, name.length());
                }
              }
              assertTrue(Demangler.demangle(damaged.toString()).length() < 1 << 17);
            }
          }
          // Each substitution doubles the one before.
          StringBuilder doubling = new StringBuilder("_Z1fI1AE");
          doubling.append("1BIS_S_E");
          for (int i = 0; i < 30; i++) {
            String last = "S" + Integer.toString(i, 36).toUpperCase(java.util.Locale.ROOT) + "_";
            doubling.append("1BI").append(last).append(last).append("E");
          }
          assertTrue(Demangler.demangle(doubling.toString()).length() < 1 << 17);
          Demangler.demangle("_Z1f" + "P".repeat(10_000) + "i");
          Demangler.demangle("_R" + "N".repeat(10_000));
          Demangler.demangle("_RIC1a" + "B_".repeat(5000) + "E");
        });
  }
}
