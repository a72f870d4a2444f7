/* SPDX-License-Identifier: Apache-2.0 */
/* The PL011's registers (DDI 0183, 3.2), as a guest sees them and as the host has them. */
#ifndef CONSOLE_PL011_REGS_H
#define CONSOLE_PL011_REGS_H

enum pl011_register {
    PL011_DR = 0x00, PL011_RSR = 0x04, PL011_FR = 0x18, PL011_ILPR = 0x20, PL011_IBRD = 0x24, PL011_FBRD = 0x28,
    PL011_LCR_H = 0x2c, PL011_CR = 0x30, PL011_IFLS = 0x34, PL011_IMSC = 0x38, PL011_RIS = 0x3c, PL011_MIS = 0x40,
    PL011_ICR = 0x44, PL011_DMACR = 0x48,
    PL011_PERIPH_ID0 = 0xfe0, PL011_PCELL_ID3 = 0xffc,
};

#define PL011_FR_BUSY     0x08u
#define PL011_FR_RXFE     0x10u
#define PL011_FR_TXFF     0x20u
#define PL011_FR_RXFF     0x40u
#define PL011_FR_TXFE     0x80u

#define PL011_LCR_H_FEN   0x10u
#define PL011_LCR_H_8N1   0x60u

#define PL011_CR_UARTEN   0x001u
#define PL011_CR_LBE      0x080u
#define PL011_CR_TXE      0x100u
#define PL011_CR_RXE      0x200u

#define PL011_INT_RX      0x010u
#define PL011_INT_TX      0x020u
#define PL011_INT_RT      0x040u
#define PL011_INT_ALL     0x7ffu
#endif
