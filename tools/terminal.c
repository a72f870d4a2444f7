/* SPDX-License-Identifier: Apache-2.0 */
#include "terminal.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#define CTRL_C       0x03
#define CTRL_BRACKET 0x1d

static struct termios before;
static bool taken;
static bool bracket;         /* Ctrl-] was typed: the next key is not known yet */

void terminal_give_back(void)
{
    if (!taken)
        return;
    taken = false;
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &before);
    if (isatty(STDOUT_FILENO))
        fputs("\033(B\033[m", stdout);     /* letters and colours that a guest left */
    fflush(stdout);
}

void terminal_take(bool all)
{
    if (!isatty(STDIN_FILENO) || tcgetattr(STDIN_FILENO, &before) < 0)
        return;
    struct termios raw = before;
    raw.c_iflag &= ~(tcflag_t)(BRKINT | ICRNL | INLCR | IGNCR | ISTRIP | IXON);
    raw.c_lflag &= ~(tcflag_t)(ICANON | ECHO | ECHONL | IEXTEN);
    if (all)
        raw.c_lflag &= ~(tcflag_t)ISIG;
    else
        raw.c_lflag |= ISIG;
    raw.c_cc[VINTR] = CTRL_C;
    raw.c_cc[VQUIT] = raw.c_cc[VSUSP] = _POSIX_VDISABLE;
    raw.c_cc[VMIN] = 1;
    raw.c_cc[VTIME] = 0;
    taken = true;
    atexit(terminal_give_back);
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &raw);
}

/* How many bytes the key comes to: none while it is not known what Ctrl-] begins. */
static size_t one_key(char key, char *out)
{
    if (!bracket && key == CTRL_BRACKET) {
        bracket = true;
        return 0;
    }
    bool after_bracket = bracket;
    bracket = false;
    if (after_bracket && key == 'c') {
        out[0] = CTRL_C;
        return 1;
    }
    if (after_bracket)
        *out++ = CTRL_BRACKET;
    *out = key;
    return after_bracket ? 2 : 1;
}

size_t terminal_keys(const char *bytes, size_t length, char *out)
{
    if (!taken) {
        memcpy(out, bytes, length);
        return length;
    }
    size_t n = 0;
    for (size_t i = 0; i < length; i++)
        n += one_key(bytes[i], out + n);
    return n;
}
