/* Stands in for libnvidia-ml.so.1: two GPUs whose values are lines "GPU NAME VALUE" of the file $NVML_VALUES, which is read
   anew at each question. A value that is not there is not supported; one that is "lost" is that of a lost GPU. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SUCCESS = 0, NOT_SUPPORTED = 3, GPU_IS_LOST = 15 };
static long gpus[] = {0, 1};

static int value(void *device, const char *name, unsigned long long *found) {
    char line_name[64], text[64];
    long gpu;
    int result = NOT_SUPPORTED;
    FILE *file = fopen(getenv("NVML_VALUES"), "r");
    if (!file) return NOT_SUPPORTED;
    while (fscanf(file, "%ld %63s %63s", &gpu, line_name, text) == 3)
        if (gpu == *(long *)device && !strcmp(name, line_name)) {
            result = strcmp(text, "lost") ? SUCCESS : GPU_IS_LOST;
            *found = strtoull(text, NULL, 10);
        }
    fclose(file);
    return result;
}

static int small(void *device, const char *name, unsigned *found) {
    unsigned long long number;
    int result = value(device, name, &number);
    *found = number;
    return result;
}

int nvmlInitWithFlags(unsigned flags) { return SUCCESS; }
int nvmlInit_v2(void) { return SUCCESS; }
int nvmlShutdown(void) { return SUCCESS; }
const char *nvmlErrorString(int result) { return result == GPU_IS_LOST ? "GPU is lost" : "Not Supported"; }
int nvmlDeviceGetCount_v2(unsigned *count) { *count = 2; return SUCCESS; }
int nvmlDeviceGetHandleByIndex_v2(unsigned index, void **device) { *device = &gpus[index]; return SUCCESS; }
int nvmlDeviceGetName(void *device, char *name, unsigned size) {
    snprintf(name, size, "NVIDIA Stand-in %ld", *(long *)device);
    return SUCCESS;
}
int nvmlDeviceGetUUID(void *device, char *uuid, unsigned size) {
    snprintf(uuid, size, "GPU-%ld", *(long *)device);
    return SUCCESS;
}
/* nvmlPciInfo_t: 16 bytes of an old bus id, five ints, then the bus id. */
int nvmlDeviceGetPciInfo_v3(void *device, char *pci) {
    memset(pci, 0, 68);
    snprintf(pci + 36, 32, "0000000%ld:3B:00.0", *(long *)device);
    return SUCCESS;
}
int nvmlDeviceGetTemperature(void *device, int sensor, unsigned *found) { return small(device, "temperature", found); }
int nvmlDeviceGetPowerUsage(void *device, unsigned *found) { return small(device, "power", found); }
int nvmlDeviceGetTotalEnergyConsumption(void *device, unsigned long long *found) { return value(device, "energy", found); }
int nvmlDeviceGetClockInfo(void *device, int clock, unsigned *found) {
    const char *names[] = {"graphics", "sm", "memory"};
    return small(device, names[clock], found);
}
int nvmlDeviceGetFanSpeed(void *device, unsigned *found) { return small(device, "fan", found); }
int nvmlDeviceGetUtilizationRates(void *device, unsigned *found) { return small(device, "use", found); }
int nvmlDeviceGetPerformanceState(void *device, int *found) { return small(device, "state", (unsigned *)found); }
