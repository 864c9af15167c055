package org.chronovisor;

import static com.tngtech.archunit.library.Architectures.layeredArchitecture;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** Data flows one way: memory, x86, trace, replay, query, gdb. */
@AnalyzeClasses(packages = "org.chronovisor", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {
  @ArchTest
  static final ArchRule LAYERS =
      layeredArchitecture()
          .consideringOnlyDependenciesInLayers()
          .withOptionalLayers(true)
          .layer("memory")
          .definedBy("org.chronovisor.memory..")
          .layer("x86")
          .definedBy("org.chronovisor.x86..")
          .layer("trace")
          .definedBy("org.chronovisor.trace..")
          .layer("symbols")
          .definedBy("org.chronovisor.symbols..")
          .layer("replay")
          .definedBy("org.chronovisor.replay..")
          .layer("query")
          .definedBy("org.chronovisor.query..")
          .layer("gdb")
          .definedBy("org.chronovisor.gdb..")
          .whereLayer("gdb")
          .mayNotBeAccessedByAnyLayer()
          .whereLayer("query")
          .mayOnlyBeAccessedByLayers("gdb")
          .whereLayer("replay")
          .mayOnlyBeAccessedByLayers("query", "gdb")
          .whereLayer("symbols")
          .mayOnlyBeAccessedByLayers("query", "gdb")
          .whereLayer("trace")
          .mayOnlyBeAccessedByLayers("symbols", "replay", "query", "gdb")
          .whereLayer("x86")
          .mayOnlyBeAccessedByLayers("trace", "replay", "query", "gdb")
          .whereLayer("memory")
          .mayOnlyBeAccessedByLayers("x86", "trace", "replay", "query", "gdb");
}
