/*
 * A virtio device through the legacy registers of a transitional PCI device (virtio 1.2, section
 * 4.1.4.10): one or more queues, polled or with interrupts.
 */
#ifndef VIRTIO_H
#define VIRTIO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pci.h"

#define VIRTIO_QUEUE_MAX 1024 /* what the device asks for cannot be changed: some have 128, some 1024 */
#define VIRTIO_NEXT 1
#define VIRTIO_DEVICE_WRITES 2

struct virtio_descriptor {
  uint64_t address;
  uint32_t length;
  uint16_t flags;
  uint16_t next;
};

struct virtio_available {
  uint16_t flags;
  uint16_t index;
  uint16_t ring[];
};

struct virtio_used {
  uint16_t flags;
  uint16_t index;
  struct {
    uint32_t id;
    uint32_t length;
  } ring[];
};

struct virtio_queue {
  struct virtio_descriptor *descriptors;
  struct virtio_available *available;
  volatile struct virtio_used *used;
  uint16_t size;
  uint16_t seen; /* index in the used ring up to which all is known */
  uint16_t number;
  uint16_t port;
};

struct virtio_device {
  pci_function function;
  uint16_t port; /* of the legacy registers */
  bool msix;
};

/* Finds a transitional device and resets it, bus master on. */
bool virtio_find(uint16_t device_number, struct virtio_device *device);

/* Sends the queue's interrupt as a message to the local APIC (MSI-X); before virtio_queue_start. */
bool virtio_use_msix(struct virtio_device *device, uint8_t vector);

/* Memory for a queue: zeroed, page-aligned. */
#define VIRTIO_QUEUE_BYTES (8 * 4096)
void virtio_queue_start(const struct virtio_device *device, struct virtio_queue *queue,
                        uint16_t number, void *memory);

/* The driver is ready. */
void virtio_ready(const struct virtio_device *device);

/* Hands the chain that begins at a descriptor to the device. */
void virtio_offer(struct virtio_queue *queue, uint16_t head);
void virtio_notify(const struct virtio_queue *queue);

/* Takes a used chain back; false when there is none. */
bool virtio_take(struct virtio_queue *queue, uint32_t *id, uint32_t *length);

/* Reads (and clears) why the device interrupted. */
uint8_t virtio_interrupt_status(const struct virtio_device *device);

/* A byte of the device's own configuration. */
uint8_t virtio_config(const struct virtio_device *device, uint16_t offset);

#endif
