# SPDX-License-Identifier: Apache-2.0
# At the radio (docs/debugging.md): a breakpoint by name, registers, a line of its source, and who writes a variable.
set pagination off
break fp_intact
continue
info registers pc sp cpsr
print/x $v31.q.u
print counters.missed
next
delete
watch counters.frames
continue
delete
detach
