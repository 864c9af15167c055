package org.chronovisor;

import static com.tngtech.archunit.library.Architectures.layeredArchitecture;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** Data flows one way: memory, x86, trace, replay, query. */
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
          .whereLayer("query")
          .mayNotBeAccessedByAnyLayer()
          .whereLayer("replay")
          .mayOnlyBeAccessedByLayers("query")
          .whereLayer("symbols")
          .mayOnlyBeAccessedByLayers("query")
          .whereLayer("trace")
          .mayOnlyBeAccessedByLayers("symbols", "replay", "query")
          .whereLayer("x86")
          .mayOnlyBeAccessedByLayers("trace", "replay", "query")
          .whereLayer("memory")
          .mayOnlyBeAccessedByLayers("x86", "trace", "replay", "query");
}
