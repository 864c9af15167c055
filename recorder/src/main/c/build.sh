#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Builds the QEMU plugin: build.sh OUTPUT.so (CC and CFLAGS are honoured)
set -eu
[ $# -eq 1 ] || { echo "usage: build.sh OUTPUT.so" >&2; exit 2; }
here=$(cd "$(dirname "$0")" && pwd)
exec "${CC:-gcc}" -O2 -Wall -Wextra -Werror -std=gnu11 -pthread -fPIC -shared -fvisibility=hidden ${CFLAGS:-} \
  -o "$1" "$here"/plugin.c "$here"/blocks.c "$here"/memory.c "$here"/ring.c "$here"/registers.c \
  "$here"/control.c "$here"/cost.c
