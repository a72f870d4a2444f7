/* SPDX-License-Identifier: Apache-2.0 */
/* Where the steward puts a guest's images, and which it refuses. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <elf.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "good.h"
#include "steward/handset.h"
#include "steward/image.h"

#define MIB 0x100000ull
#define RAM HANDSET_RAM

static _Alignas(8) uint8_t file[65536];
static struct image kernel = { .name = "k" }, initrd = { .name = "i" };
static struct vm_config vm;
static struct placing p;
static struct problem why;

static void write_linux(uint64_t text_offset, uint64_t image_size, uint64_t flags)
{
    good_linux(file, sizeof file, text_offset, image_size, flags);
}

static void make_vm(enum vm_kind kind, uint64_t memory, uint32_t kernel_bytes, uint32_t initrd_bytes)
{
    kernel.size = kernel_bytes;
    initrd.size = initrd_bytes;
    vm = (struct vm_config){ .name = "vm", .memory = memory, .kind = kind, .kernel = &kernel,
                             .initrd = initrd_bytes ? &initrd : NULL };
}

static void placed(void)
{
    bool good = image_place(&vm, file, &p, &why);

    if (!good)
        print_error("%s\n", why.text);
    assert_true(good);
}

static void refused(const char *words)
{
    assert_false(image_place(&vm, file, &p, &why));
    assert_string_equal(why.text, words);
}

static void linux_goes_to_the_start_of_memory_and_its_data_where_qemu_puts_it(void **state)
{
    (void)state;
    write_linux(0, 33 * MIB, 0xa);
    make_vm(VM_LINUX, 512 * MIB, 32 * MIB, 9 * MIB + 5);
    placed();
    assert_int_equal(p.kernel, RAM);
    assert_int_equal(p.entry, RAM);
    assert_int_equal(p.initrd, RAM + 128 * MIB);
    assert_int_equal(p.dtb, RAM + 137 * MIB + HANDSET_DTB_MAX);
}

static void linux_has_the_offset_that_it_asks_for(void **state)
{
    (void)state;
    write_linux(0x80000, 16 * MIB, 0);
    make_vm(VM_LINUX, 64 * MIB, 15 * MIB, 0);
    placed();
    assert_int_equal(p.kernel, RAM + 0x80000);
    assert_int_equal(p.initrd, 0);
    write_linux(0x12345, 0, 0);         /* before 3.17 image_size was 0, and text_offset not to be trusted */
    placed();
    assert_int_equal(p.kernel, RAM + 0x80000);
}

static void nothing_overlaps_in_a_small_memory(void **state)
{
    (void)state;
    write_linux(0, 40 * MIB, 0);
    make_vm(VM_LINUX, 64 * MIB, 32 * MIB, 20 * MIB);
    placed();
    assert_int_equal(p.initrd, RAM + 40 * MIB);
    assert_int_equal(p.dtb, RAM + 60 * MIB);
    make_vm(VM_LINUX, 64 * MIB, 32 * MIB, 24 * MIB);
    refused("memory of 65536 KiB is too small for its images");
    make_vm(VM_LINUX, 64 * MIB, 32 * MIB, UINT32_MAX);
    refused("memory of 65536 KiB is too small for its images");
}

static void a_kernel_that_lies_about_its_size_is_refused(void **state)
{
    (void)state;
    make_vm(VM_LINUX, 64 * MIB, 32 * MIB, 0);
    write_linux(0, UINT64_MAX, 0);
    refused("bundle: /images/k is larger than its memory");
    write_linux(UINT64_MAX - 0xfffff, MIB, 0);
    refused("bundle: /images/k is larger than its memory");
    write_linux(63 * MIB, 2 * MIB, 0);
    refused("bundle: /images/k: 0x2000000 bytes at 0x43f00000 are not inside its memory");
    write_linux(0, 65 * MIB, 0);
    refused("bundle: /images/k is larger than its memory");
}

static void what_is_no_arm64_image_is_refused(void **state)
{
    (void)state;
    write_linux(0, MIB, 0);
    file[56] = 'Z';
    make_vm(VM_LINUX, 64 * MIB, MIB, 0);
    refused("bundle: /images/k is not an arm64 Linux Image");
    write_linux(0, MIB, 0);
    make_vm(VM_LINUX, 64 * MIB, 63, 0);
    refused("bundle: /images/k is not an arm64 Linux Image");
    write_linux(0, MIB, 1);
    make_vm(VM_LINUX, 64 * MIB, MIB, 0);
    refused("bundle: /images/k is a big-endian kernel");
}

static void firmware_stays_in_flash_and_the_tree_is_at_the_start_of_memory(void **state)
{
    (void)state;
    make_vm(VM_FIRMWARE, 2 * MIB, 64 * MIB, 0);
    placed();
    assert_int_equal(p.entry, 0);
    assert_int_equal(p.dtb, RAM);
    make_vm(VM_FIRMWARE, 2 * MIB, 64 * MIB + 1, 0);
    refused("bundle: /images/k is larger than a bank of flash");
    make_vm(VM_FIRMWARE, HANDSET_DTB_MAX - BELAY_PAGE_SIZE, MIB, 0);
    refused("memory of 60 KiB is too small for its device tree");
}

static void a_raw_image_goes_to_its_load_address(void **state)
{
    (void)state;
    make_vm(VM_RAW, 2 * MIB, 0x10000, 0);
    placed();
    assert_int_equal(p.entry, RAM);
    assert_int_equal(p.dtb, RAM + MIB);     /* half way up: there is room for what the image does not name */
    vm.has_load_address = true;
    vm.load_address = RAM + 0x180000;
    placed();
    assert_int_equal(p.entry, RAM + 0x180000);
    assert_int_equal(p.dtb, RAM + 0x190000);
    vm.load_address = RAM - 0x1000;
    refused("bundle: /images/k: 0x10000 bytes at 0x3ffff000 are not inside its memory");
    vm.load_address = RAM + 2 * MIB - 0x1000;
    refused("bundle: /images/k: 0x10000 bytes at 0x401ff000 are not inside its memory");
    vm.load_address = UINT64_MAX - 0xfff;
    refused("bundle: /images/k: 0x10000 bytes at 0xfffffffffffff000 are not inside its memory");
    vm.load_address = RAM + 2 * MIB - 0x10000;
    refused("memory of 2048 KiB is too small for its images");
}

static Elf64_Ehdr *header(void) { return (Elf64_Ehdr *)file; }
static Elf64_Phdr *segment(unsigned i) { return (Elf64_Phdr *)(file + sizeof(Elf64_Ehdr)) + i; }

static void write_elf(uint64_t text)
{
    make_vm(VM_ELF, 2 * MIB, (uint32_t)good_elf(file, sizeof file, text), 0);
}

static void an_elf_file_is_entered_at_its_physical_address(void **state)
{
    (void)state;
    write_elf(RAM + 0x80000);
    placed();
    assert_int_equal(p.entry, RAM + 0x80040);
}

static void the_device_tree_is_at_the_start_of_memory_where_there_is_room(void **state)
{
    (void)state;
    write_elf(RAM + HANDSET_DTB_MAX);
    placed();
    assert_int_equal(p.dtb, RAM);
    write_elf(RAM + HANDSET_DTB_MAX - 1);
    placed();
    assert_int_equal(p.dtb, RAM + MIB);
    write_elf(RAM);
    segment(2)->p_memsz = MIB;
    placed();
    assert_int_equal(p.dtb, RAM + MIB + HANDSET_DTB_MAX);
}

static void an_elf_file_with_wild_headers_is_refused(void **state)
{
    (void)state;
    write_elf(RAM);
    kernel.size = 63;
    refused("bundle: /images/k is too short for an ELF file");
    write_elf(RAM);
    header()->e_machine = EM_ARM;
    refused("bundle: /images/k is not an ELF file for AArch64");
    write_elf(RAM);
    header()->e_type = ET_REL;
    refused("bundle: /images/k is not an ELF program");
    write_elf(RAM);
    header()->e_phoff = UINT64_MAX - 8;
    refused("bundle: /images/k has its ELF program headers outside the file");
    write_elf(RAM);
    header()->e_phnum = 0xffff;
    refused("bundle: /images/k has its ELF program headers outside the file");
    write_elf(RAM);
    header()->e_entry = 0x40;
    refused("bundle: /images/k has its ELF entry outside its executable segments");
    write_elf(RAM);
    segment(1)->p_flags = PF_R;
    refused("bundle: /images/k has its ELF entry outside its executable segments");
    write_elf(RAM);
    header()->e_phnum = 1;
    refused("bundle: /images/k has nothing to load");
}

static void an_elf_file_with_wild_segments_is_refused(void **state)
{
    (void)state;
    write_elf(RAM);
    segment(2)->p_filesz = 0x1001;
    refused("bundle: /images/k has an ELF segment that reaches beyond the file");
    write_elf(RAM);
    segment(2)->p_offset = UINT64_MAX;
    refused("bundle: /images/k has an ELF segment that reaches beyond the file");
    write_elf(RAM);
    segment(2)->p_memsz = 0xfff;
    refused("bundle: /images/k has an ELF segment of an impossible size");
    write_elf(RAM);
    segment(2)->p_paddr = UINT64_MAX - 1;
    refused("bundle: /images/k has an ELF segment of an impossible size");
    write_elf(RAM);
    segment(2)->p_memsz = 2 * MIB;
    refused("bundle: /images/k has an ELF segment outside the VM's memory");
    write_elf(RAM - 0x1000);
    refused("bundle: /images/k has an ELF segment outside the VM's memory");
    write_elf(0);
    refused("bundle: /images/k has an ELF segment outside the VM's memory");
}

static void write_zimage(uint32_t magic, uint32_t start, uint32_t end)
{
    const uint32_t words[] = { magic, start, end };

    memset(file, 0, 64);
    memcpy(file + 36, words, sizeof words);
}

/* Documentation/arch/arm/booting.rst: nothing else is in the first 32 MiB. */
static void a_zimage_has_32_mib_to_unpack_itself(void **state)
{
    (void)state;
    write_zimage(0x016f2818, 0, 5 * MIB);
    make_vm(VM_LINUX, 256 * MIB, 5 * MIB, 9 * MIB + 5);
    vm.aarch32 = true;
    placed();
    assert_int_equal(p.kernel, RAM + 0x10000);
    assert_int_equal(p.entry, RAM + 0x10000);
    assert_int_equal(p.initrd, RAM + 128 * MIB);
    vm.memory = 42 * MIB;
    placed();
    assert_int_equal(p.initrd, RAM + 32 * MIB);
    vm.memory = 32 * MIB;
    refused("memory of 32768 KiB is too small for its images");
}

static void what_is_no_zimage_is_refused_in_aarch32(void **state)
{
    (void)state;
    write_linux(0, 16 * MIB, 0);
    make_vm(VM_LINUX, 64 * MIB, 15 * MIB, 0);
    vm.aarch32 = true;
    refused("bundle: /images/k is not an arm Linux zImage");
    write_zimage(0x016f2818, 0, 5 * MIB);
    kernel.size = 47;
    refused("bundle: /images/k is not an arm Linux zImage");
    kernel.size = 5 * MIB - 1;
    refused("bundle: /images/k is cut short");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(linux_goes_to_the_start_of_memory_and_its_data_where_qemu_puts_it),
        cmocka_unit_test(linux_has_the_offset_that_it_asks_for),
        cmocka_unit_test(nothing_overlaps_in_a_small_memory),
        cmocka_unit_test(a_kernel_that_lies_about_its_size_is_refused),
        cmocka_unit_test(what_is_no_arm64_image_is_refused),
        cmocka_unit_test(a_zimage_has_32_mib_to_unpack_itself),
        cmocka_unit_test(what_is_no_zimage_is_refused_in_aarch32),
        cmocka_unit_test(firmware_stays_in_flash_and_the_tree_is_at_the_start_of_memory),
        cmocka_unit_test(a_raw_image_goes_to_its_load_address),
        cmocka_unit_test(an_elf_file_is_entered_at_its_physical_address),
        cmocka_unit_test(the_device_tree_is_at_the_start_of_memory_where_there_is_room),
        cmocka_unit_test(an_elf_file_with_wild_headers_is_refused),
        cmocka_unit_test(an_elf_file_with_wild_segments_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
