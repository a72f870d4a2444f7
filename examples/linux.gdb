# SPDX-License-Identifier: Apache-2.0
# At Debian's Linux 6.1 (docs/debugging.md): which file is opened, and where the system call's result is written.
# Its kernel has no symbols for GDB: $open is where do_sys_openat2 is, as its /proc/kallsyms says.
set pagination off
info threads
break *$open
continue
print (char *)$x1
info registers pc cpsr
stepi
x/2i $pc

# The registers of the system call are a struct pt_regs of 336 bytes at the end of the thread's stack of 16 KiB.
set $x0_of_call = ((long)$sp | 0x3fff) + 1 - 336
delete
watch *(long *)$x0_of_call
continue
x/i $pc - 4
delete
detach
