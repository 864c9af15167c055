/* The legacy interface of virtio over PCI. */
#include "virtio.h"

#include "cpu.h"
#include "lapic.h"
#include "runtime.h"

#define VENDOR 0x1af4
#define GUEST_FEATURES 4
#define QUEUE_ADDRESS 8
#define QUEUE_SIZE 12
#define QUEUE_SELECT 14
#define QUEUE_NOTIFY 16
#define STATUS 18
#define INTERRUPT_STATUS 19
#define MSIX_QUEUE_VECTOR 22
#define CONFIG 20
#define CONFIG_WITH_MSIX 24

#define ACKNOWLEDGE 1
#define DRIVER 2
#define DRIVER_OK 4

#define MSIX_ENABLE 0x80000000
#define MSIX_TABLE 4

bool virtio_find(uint16_t device_number, struct virtio_device *device) {
  if (!pci_find(VENDOR, device_number, &device->function)) {
    return false;
  }
  uint32_t command = pci_read(device->function, PCI_COMMAND);
  pci_write(device->function, PCI_COMMAND,
            command | PCI_COMMAND_IO | PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER);
  device->port = (uint16_t)(pci_read(device->function, PCI_BAR0) & ~3u);
  device->msix = false;
  outb(device->port + STATUS, 0);
  outb(device->port + STATUS, ACKNOWLEDGE);
  outb(device->port + STATUS, ACKNOWLEDGE | DRIVER);
  outl(device->port + GUEST_FEATURES, 0);
  return true;
}

bool virtio_use_msix(struct virtio_device *device, uint8_t vector) {
  uint8_t capability = pci_capability(device->function, PCI_CAPABILITY_MSIX);
  if (capability == 0) {
    return false;
  }
  uint32_t table = pci_read(device->function, capability + MSIX_TABLE);
  uint64_t base = pci_read(device->function, (uint8_t)(PCI_BAR0 + 4 * (table & 7)));
  volatile uint32_t *entry = (volatile uint32_t *)((base & ~15ul) + (table & ~7u));
  entry[0] = (uint32_t)LAPIC_BASE;
  entry[1] = 0;
  entry[2] = vector;
  entry[3] = 0;
  pci_write(device->function, capability, pci_read(device->function, capability) | MSIX_ENABLE);
  device->msix = true;
  return true;
}

void virtio_queue_start(const struct virtio_device *device, struct virtio_queue *queue,
                        uint16_t number, void *memory) {
  outw(device->port + QUEUE_SELECT, number);
  uint16_t size = inw(device->port + QUEUE_SIZE);
  if (size == 0 || size > VIRTIO_QUEUE_MAX) {
    panic("virtio: a queue of no use");
  }
  queue->descriptors = memory;
  queue->available = (struct virtio_available *)((char *)memory + 16u * size);
  /* The used ring begins on the next page. */
  uint64_t end = (uint64_t)queue->available->ring + 2u * size + 2;
  queue->used = (volatile struct virtio_used *)((end + 4095) & -4096ul);
  queue->size = size;
  queue->seen = 0;
  queue->number = number;
  queue->port = device->port;
  if (device->msix) {
    outw(device->port + MSIX_QUEUE_VECTOR, 0);
  }
  outl(device->port + QUEUE_ADDRESS, (uint32_t)((uint64_t)memory >> 12));
}

void virtio_ready(const struct virtio_device *device) {
  outb(device->port + STATUS, ACKNOWLEDGE | DRIVER | DRIVER_OK);
}

void virtio_offer(struct virtio_queue *queue, uint16_t head) {
  volatile struct virtio_available *available = queue->available;
  available->ring[available->index % queue->size] = head;
  __asm__ volatile("mfence" : : : "memory");
  available->index = (uint16_t)(available->index + 1);
  __asm__ volatile("mfence" : : : "memory");
}

void virtio_notify(const struct virtio_queue *queue) {
  outw(queue->port + QUEUE_NOTIFY, queue->number);
}

bool virtio_take(struct virtio_queue *queue, uint32_t *id, uint32_t *length) {
  if (queue->used->index == queue->seen) {
    return false;
  }
  __asm__ volatile("" : : : "memory");
  *id = queue->used->ring[queue->seen % queue->size].id;
  *length = queue->used->ring[queue->seen % queue->size].length;
  queue->seen++;
  return true;
}

uint8_t virtio_interrupt_status(const struct virtio_device *device) {
  return inb(device->port + INTERRUPT_STATUS);
}

uint8_t virtio_config(const struct virtio_device *device, uint16_t offset) {
  return inb((uint16_t)(device->port + (device->msix ? CONFIG_WITH_MSIX : CONFIG) + offset));
}
