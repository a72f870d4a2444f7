/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The bundle: a flattened image tree (FIT) that the host tool writes, the
 * nucleus finds the steward in, and the steward reads. Image data is external,
 * as `mkimage -E -p` lays it out: each image node has data-position (bytes from
 * the start of the bundle, a multiple of 4096; of 2 MiB where the image is that large) and data-size, and a
 * hash-1 node with algo = "crc32" and value (one big-endian cell).
 *
 * / {
 *   description; #address-cells = <1>; timestamp;
 *   images {
 *     steward { description; type = "firmware"; arch = "arm64"; os = "belay"; compression = "none";
 *               data-position; data-size; hash-1 {...} };
 *     console { ... };                    // services are flat images, belay/abi.h
 *     phone-kernel { type = "kernel"; os = "linux"; ... };  phone-initrd { type = "ramdisk"; ... };
 *     radio-image { type = "standalone"; ... };
 *   };
 *   configurations {
 *     default = "belay";
 *     belay {
 *       description; compatible = "belay,machine-1";
 *       services {
 *         steward { image = "steward"; priority = <u32>; budget-ns = <u64>; period-ns = <u64>; };
 *         console { image = "console"; priority ...; };
 *         watchdog { image = "watchdog"; priority ...; };           // if a VM has one
 *         manager { image = "manager"; priority ...;      // absent: the machine is not managed from outside
 *                   rights = <u32>;                       // of who comes by the second UART: enum manage_right
 *                   needed; };                            // flag: the configuration asks for it
 *         gdb { image = "gdb"; priority ...; };           // absent: no VM can be debugged
 *       };
 *       vms {                             // in the order of the configuration file
 *         phone {
 *           memory = <u64 bytes>;  cpus = <u32 ...>;      // vCPU n runs on host CPU cpus[n]
 *           priority = <u32>;  budget-ns = <u64>; period-ns = <u64>;     // absent: unlimited, in turns among equals
 *           weight = <u32>;                               // optional: 1 to 1000, of those turns; default 100
 *           deadline-ns = <u64>;  idle-time;              // both optional
 *           no-autostart;                                 // it is not made until it is asked for; flag
 *           kind = "linux" | "elf" | "raw" | "firmware";  // firmware: the kernel is at address 0, in flash
 *           kernel = "phone-kernel";  initrd = "phone-initrd";  cmdline = "...";   // initrd, cmdline optional
 *           load-address = <u64>;                         // raw: optional, default start of RAM
 *           on-failure = "stop" | "restart";
 *           on-reset = "restart" | "stop";
 *           console;                                      // has a PL011 on the console; flag
 *           watchdog;                                     // has an SBSA watchdog; flag
 *           watchdog-ns = <u64>;                          // optional: to be fed within that time from the start on
 *           on-hang = "stop" | "restart";                 // optional: as on-failure
 *           stop-ns = <u64>;                              // told to stop it has so long; absent: it is stopped at once
 *           debug;                                        // may be debugged; flag
 *           manages = <u32>;                              // optional: by a second PL011, enum manage_right; one VM
 *           gic = <u32>;                                  // optional: 2 or 3, which the host must have; default the host's
 *           devices = "/pl031@9010000", ...;              // host device tree paths, passed through at their own address
 *         };
 *       };
 *     };
 *   };
 * };
 */
#ifndef BELAY_BUNDLE_H
#define BELAY_BUNDLE_H

#define BELAY_BUNDLE_COMPATIBLE "belay,machine-1"
#define BELAY_BUNDLE_STEWARD    "/images/steward"
#define BELAY_BUNDLE_CONFIG     "/configurations/belay"
#define BELAY_BUNDLE_ALIGN      4096

#define BELAY_VMS_MAX   16
#define BELAY_WEIGHT_DEFAULT 100
#define BELAY_WEIGHT_MAX     1000
#define BELAY_WATCHDOG_MAX_NS 3600000000000   /* an hour */
#define BELAY_STOP_MAX_NS     3600000000000   /* likewise */
#define BELAY_NAME_MAX  15    /* of a VM: [a-z][a-z0-9-]* */

/*
 * The steward's last line before it turns the machine off; `belay run` makes
 * its exit code from it. A VM's failure was reported in a line of its own.
 */
#define BELAY_END_LINE  "belay: all VMs are off, %u failed"
#endif
