/* PCI configuration space through the ports 0xcf8 and 0xcfc. */
#ifndef PCI_H
#define PCI_H

#include <stdbool.h>
#include <stdint.h>

#define PCI_COMMAND 0x04
#define PCI_COMMAND_IO 0x1
#define PCI_COMMAND_MEMORY 0x2
#define PCI_COMMAND_MASTER 0x4
#define PCI_BAR0 0x10
#define PCI_CAPABILITIES 0x34
#define PCI_INTERRUPT_LINE 0x3c
#define PCI_CAPABILITY_MSIX 0x11

/* A function on bus 0: its number times 8, plus the function. */
typedef uint8_t pci_function;

uint32_t pci_read(pci_function function, uint8_t offset);
void pci_write(pci_function function, uint8_t offset, uint32_t value);

/* Looks for a vendor and device number on bus 0. */
bool pci_find(uint16_t vendor, uint16_t device, pci_function *found);

/* The offset of a capability, or 0. */
uint8_t pci_capability(pci_function function, uint8_t id);

#endif
