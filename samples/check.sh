#!/usr/bin/env bash
# Runs every sample under plain QEMU and compares its exit status and one line of its output.
set -uo pipefail

samples=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
QEMU=${QEMU:-qemu-system-x86_64}
failures=0

# check NAME PARAMETERS STATUS PATTERN [QEMU ARGUMENT...]
check() {
  local name=$1 parameters=$2 expected=$3 pattern=$4 output status
  shift 4
  output=$(timeout 60 "$QEMU" -kernel "$samples/target/guests/$name.elf" -m 64 -display none \
    -serial stdio -no-reboot -device isa-debug-exit,iobase=0xf4,iosize=4 \
    -append "$parameters" "$@" < /dev/null 2>&1)
  status=$?
  if [[ $status =~ ^($expected)$ ]] && grep -qE -- "$pattern" <<< "$output"; then
    echo "ok      $name $parameters $*"
  else
    echo "FAILED  $name $parameters $*: status $status, expected $expected and '$pattern'"
    echo "$output"
    failures=$((failures + 1))
  fi
}

image=$(mktemp)
trap 'rm -f "$image"' EXIT
truncate -s 1M "$image"
disk=(-drive "file=$image,format=raw,if=none,id=d0" -device virtio-blk-pci,drive=d0 -device virtio-rng-pci)

check_all() {
  check hello "a=1 b" 1 '^command line: "a=1 b".?$' "$@"
  check compute "" 1 '^checksum ceb6218c75f49a24' "$@"
  check heap-overflow "" 35 '^PANIC: page fault at 0x72756f(68|70) ' "$@"
  check heap-overflow minutes=59 1 '^done' "$@"
  check use-after-free "" 37 '^PANIC: page fault at 0x504d4554 ' "$@"
  check use-after-free ticks=2099 1 '^done' "$@"
  check stack-smash "" 0 '^packet 500: digest e2e43d74' "$@"
  check stack-smash long=0 1 '^done' "$@"
  check irq-race "" '1|39' '^(no item lost|PANIC: invariant)' "$@"
  check divide exit=1 41 '^PANIC: divide error' "$@"
  check paging "" 43 '^PANIC: page fault at 0x700000010000 ' "$@"
  check paging words=8191 1 '^sum: 5ffa00017fe800' "$@"
  check aliases "" 1 '^results: e96f26146d0d39e8 e96f26146d0d39e8' "$@"
  check usermode "" 45 '^user: sum PANIC: double fault' "$@"
  check usermode nodes=100 1 '^user: sum 1356' "$@"
  check fpu "" 49 '^PANIC: the sum of the first n odd numbers' "$@"
  check fpu careful=1 1 '^sse2: 4d50936403abb332' "$@"
  check selfmod "" 47 '^PANIC: the second function gives 42' "$@"
  check selfmod count=2 1 '^checksum 8848b8c425d968bc' "$@"
  check virtio-blk "" 51 '^PANIC: the index has lost' "${disk[@]}" "$@"
  check virtio-blk sectors=2 1 '^code from the disk: 2ca86419' "${disk[@]}" "$@"
  check smp "" '1|45' '^(inventory: |PANIC: inventory)' "$@"
  check avx "" 1 '^(no AVX|checksum bdbc9af6a185c64c)' "$@"
}

check_all -nodefaults
check_all -nodefaults -cpu max
check_all -nodefaults -icount shift=7
check_all -cpu qemu64,-popcnt
check_all -machine q35 -cpu Nehalem
check smp "" '1|45' '^(inventory: 3000 items left|PANIC: inventory)' -nodefaults -smp 2 -accel tcg,thread=single
check smp orders=200000 45 '^PANIC: inventory' -nodefaults -smp 4 -accel tcg,thread=single
check irq-race iterations=200000 39 '^PANIC: invariant' -nodefaults
check irq-race iterations=20000 39 '^PANIC: invariant' -nodefaults -icount shift=7
exit $((failures != 0))
