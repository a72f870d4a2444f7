/* SPDX-License-Identifier: Apache-2.0 */
/* Gives a fuzz target the inputs that lie in folders. */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void give(const char *folder, const char *name)
{
    static uint8_t data[1 << 16];
    char path[4096];

    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *f = fopen(path, "rb");
    if (f == NULL)
        exit(1);
    size_t size = fread(data, 1, sizeof data, f);
    fclose(f);
    (void)LLVMFuzzerTestOneInput(data, size);
}

int main(int arguments, char **argument)
{
    for (int i = 1; i < arguments; i++) {
        DIR *folder = opendir(argument[i]);
        if (folder == NULL)
            return 1;
        for (const struct dirent *e; (e = readdir(folder)) != NULL;)
            if (e->d_name[0] != '.')
                give(argument[i], e->d_name);
        closedir(folder);
    }
    return 0;
}
