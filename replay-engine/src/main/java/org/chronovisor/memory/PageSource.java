package org.chronovisor.memory;

/** Where a page's content comes from when it is first touched. */
@FunctionalInterface
public interface PageSource {
  /**
   * Content of a 4 KiB page.
   *
   * @param frame guest physical address divided by 4096
   * @return 4096 bytes that the caller may keep and change, or null for a page of zeroes
   */
  byte[] load(long frame);
}
