/* SPDX-License-Identifier: Apache-2.0 */
/* The commands to a machine that runs. Each takes its own name and arguments, and returns an exit code (tools/run.h). */
#ifndef TOOLS_MANAGE_COMMANDS_H
#define TOOLS_MANAGE_COMMANDS_H

extern const char ps_help[], top_help[], console_help[], gdb_help[], log_help[];
int command_ps(int argc, char **argv);
int command_top(int argc, char **argv);
int command_console(int argc, char **argv);
int command_gdb(int argc, char **argv);
int command_log(int argc, char **argv);

/* One of the seven, by its name. */
extern const char start_help[], stop_help[], pause_help[], resume_help[], reset_help[], create_help[], destroy_help[];
int command_control(int argc, char **argv);
#endif
