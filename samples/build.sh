#!/usr/bin/env bash
# Builds every directory under samples/src except common into samples/target/guests/NAME.elf.
# Only what is older than its sources is built again. CC and AR choose another x86-64 toolchain.
# A sample's file `cflags`, if any, is appended to the compiler flags of its own sources.
set -euo pipefail

samples=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(dirname "$samples")
cd "$root"

prefix=
if [ "$(uname -m)" != x86_64 ]; then
  prefix=x86_64-linux-gnu-
fi
CC=${CC:-${prefix}gcc}
AR=${AR:-${prefix}ar}
OBJCOPY=${OBJCOPY:-${prefix}objcopy}
command -v "$CC" > /dev/null || { echo "build.sh: needs gcc for x86-64 ('$CC' not found)" >&2; exit 1; }

src=samples/src
obj=samples/target/obj
guests=samples/target/guests

flags=(
  -std=gnu11 -Og -g -Wall -Wextra -Werror
  -ffreestanding -fno-pic -fno-pie -fno-stack-protector -fcf-protection=none
  -fno-asynchronous-unwind-tables -fno-unwind-tables -fno-omit-frame-pointer
  -m64 -mno-red-zone -mcmodel=small -mtune=generic -march=x86-64
  "-ffile-prefix-map=$root=." -I "$src/common"
)
# Common code also runs inside interrupts, where SSE registers are not saved.
common_flags=(-mgeneral-regs-only -fno-tree-loop-distribute-patterns)
link_flags=(
  -nostdlib -static -no-pie -Wl,--build-id=none -Wl,-z,max-page-size=4096
  -Wl,-z,noexecstack -Wl,-T,"$src/common/link.ld"
)

# is_current TARGET SOURCE_DIR...: the target exists and nothing in the directories is newer.
is_current() {
  local target=$1
  shift
  [ -e "$target" ] && [ -z "$(find "$@" -newer "$target" -print -quit)" ]
}

# compile DIRECTORY OUTPUT_DIRECTORY FLAG...: every .c and .S of the directory.
compile() {
  local from=$1 to=$2 file
  shift 2
  rm -rf "$to"
  mkdir -p "$to"
  for file in "$from"/*.c "$from"/*.S; do
    [ -e "$file" ] || continue
    "$CC" "${flags[@]}" "$@" -c "$file" -o "$to/$(basename "$file").o"
  done
}

# A different compiler or build script makes everything out of date.
mkdir -p "$obj" "$guests"
stamp="$("$CC" -dumpfullversion) $CC $(cksum < samples/build.sh)"
if [ "$(cat "$obj/stamp" 2> /dev/null || true)" != "$stamp" ]; then
  rm -rf "$obj" "$guests"
  mkdir -p "$obj" "$guests"
  printf '%s\n' "$stamp" > "$obj/stamp"
fi

library=$obj/libcommon.a
if ! is_current "$library" "$src/common"; then
  compile "$src/common" "$obj/common" "${common_flags[@]}"
  rm -f "$library"
  "$AR" rcD "$library" "$obj"/common/*.o
fi

for directory in "$src"/*/; do
  directory=${directory%/}
  name=$(basename "$directory")
  elf=$guests/$name.elf
  [ "$name" != common ] || continue
  compgen -G "$directory/*.[cS]" > /dev/null || continue
  ! is_current "$elf" "$directory" "$src/common" || continue
  extra=()
  [ ! -e "$directory/cflags" ] || read -ra extra < "$directory/cflags"
  compile "$directory" "$obj/$name" "${extra[@]}"
  if [ -e "$directory/link.ld" ]; then
    # No kernel but a disk image, with an ELF file for its symbols.
    "$CC" -nostdlib -static -no-pie -Wl,--build-id=none -Wl,-z,noexecstack -Wl,--no-warn-rwx-segments \
      -Wl,-T,"$directory/link.ld" "$obj/$name"/*.o -o "$elf.tmp"
    "$OBJCOPY" -O binary "$elf.tmp" "$guests/$name.img"
    chmod -x "$elf.tmp" "$guests/$name.img"
    mv "$elf.tmp" "$elf"
    echo "built $elf"
    continue
  fi
  "$CC" "${link_flags[@]}" "$obj/$name"/*.o "$obj/common/boot.S.o" "$library" -o "$elf.tmp"
  chmod -x "$elf.tmp"
  mv "$elf.tmp" "$elf"
  echo "built $elf"
done
