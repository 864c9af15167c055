/* PCI configuration space. */
#include "pci.h"

#include "cpu.h"

#define ADDRESS_PORT 0xcf8
#define DATA_PORT 0xcfc
#define ENABLE 0x80000000

uint32_t pci_read(pci_function function, uint8_t offset) {
  outl(ADDRESS_PORT, ENABLE | (uint32_t)function << 8 | (offset & 0xfc));
  return inl(DATA_PORT);
}

void pci_write(pci_function function, uint8_t offset, uint32_t value) {
  outl(ADDRESS_PORT, ENABLE | (uint32_t)function << 8 | (offset & 0xfc));
  outl(DATA_PORT, value);
}

bool pci_find(uint16_t vendor, uint16_t device, pci_function *found) {
  for (unsigned function = 0; function < 256; function += 8) {
    if (pci_read((pci_function)function, 0) == ((uint32_t)device << 16 | vendor)) {
      *found = (pci_function)function;
      return true;
    }
  }
  return false;
}

uint8_t pci_capability(pci_function function, uint8_t id) {
  uint8_t offset = (uint8_t)pci_read(function, PCI_CAPABILITIES);
  while (offset != 0) {
    uint32_t header = pci_read(function, offset);
    if ((header & 0xff) == id) {
      return offset;
    }
    offset = (uint8_t)(header >> 8);
  }
  return 0;
}
