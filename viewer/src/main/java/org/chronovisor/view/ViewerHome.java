package org.chronovisor.view;

import java.nio.file.Path;
import java.util.List;
import java.util.function.Function;

/**
 * What the viewer is told by the program that starts it.
 *
 * @param directory of the installation: sources of the samples are found from here
 * @param example a trace for people who have none
 * @param nextTrace a new trace directory for a QEMU command line
 */
public record ViewerHome(Path directory, Path example, Function<List<String>, Path> nextTrace) {}
