/* SPDX-License-Identifier: Apache-2.0 */
/* The commands of `belay`. Each takes its own arguments from argv[1] on, and returns an exit code. */
#ifndef TOOLS_COMMANDS_H
#define TOOLS_COMMANDS_H

int command_check(int argc, char **argv);
int command_pack(int argc, char **argv);
int command_run(int argc, char **argv);
int command_trace(int argc, char **argv);     /* trace_command.c */

extern const char check_help[], pack_help[], run_help[], trace_help[];
#endif
