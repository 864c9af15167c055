package org.chronovisor.view.model;

/**
 * A bookmark with what somebody wrote about it.
 *
 * @param text may be empty
 */
public record Note(long position, String text) {}
