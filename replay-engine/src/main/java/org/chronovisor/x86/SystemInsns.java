package org.chronovisor.x86;
final class SystemInsns { static void register(OpcodeTable a, OpcodeTable b, OpcodeTable c){} }
