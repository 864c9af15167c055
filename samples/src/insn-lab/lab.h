/*
 * What the instruction laboratory shares with the test that drives it
 * (replay-engine/src/test/java/org/chronovisor/x86/lab/LabLayout.java repeats the numbers).
 */
#ifndef LAB_H
#define LAB_H

#define LAB_HEADER 0x800000     /* struct lab_header */
#define LAB_RETURN 0x800018     /* its field return_address */
#define LAB_FAR_RETURN 0x800020 /* its field far_offset */
#define LAB_UPPER 0x800028      /* its field upper_halves */
#define LAB_TABLE 0x1000100     /* struct lab_case[count]; every fourth has a page boundary in its middle */
#define LAB_MAGIC 0x31424c4e534e49  /* "INSNLB1" */

#define CASE_BYTES 1024
#define UPPER_BYTES 256         /* upper halves of a case's ymm registers, in a table of their own */
#define CASE_GENERAL 0
#define CASE_RSP 32
#define CASE_RFLAGS 128
#define CASE_MXCSR 136
#define CASE_FAULT 140
#define CASE_TARGET 144
#define CASE_XMM 192

#define CODE64_SELECTOR 0x08
#define DATA_SELECTOR 0x10
#define CODE32_SELECTOR 0x18
#define TSS_SELECTOR 0x20

#define VECTORS 32

#endif
