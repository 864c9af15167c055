package org.chronovisor.x86;
final class SegmentInsns { static void register(OpcodeTable a, OpcodeTable b){} static Insn arpl(DecodeContext c){return null;} static Insn farIndirect(DecodeContext c){return null;} }
