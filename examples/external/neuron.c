/* A leaky integrate-and-fire neuron, as a compiled simulation that takes its parameters as arguments and writes files: it
   knows nothing of burstnet. Build it with: cc -O2 -o neuron neuron.c -lm

   usage: neuron CURRENT_NA TAU_MS SEED FOLDER
   It writes FOLDER/spikes.csv, a summary with one row, and FOLDER/voltage.csv, the mean voltage in every 100 ms. */

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

/* A number from 0 to 1 (xorshift64*). */
static double uniform(uint64_t *state) {
    *state ^= *state >> 12, *state ^= *state << 25, *state ^= *state >> 27;
    return (double)(*state * 2685821657736338717ull >> 11) / 9007199254740992.0;
}

static FILE *open_in(const char *folder, const char *name) {
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "w");
    if (!file) {
        perror(path);
        exit(2);
    }
    return file;
}

int main(int n, char **arguments) {
    if (n != 5) {
        fprintf(stderr, "usage: neuron CURRENT_NA TAU_MS SEED FOLDER\n");
        return 2;
    }
    const double current = atof(arguments[1]), tau = atof(arguments[2]), dt = 0.1, rest = -65, threshold = -50;
    uint64_t state = strtoull(arguments[3], NULL, 10) * 2 + 1;
    FILE *voltage = open_in(arguments[4], "voltage.csv");
    fprintf(voltage, "bin,mean_mv\n");
    double v = rest, sum = 0, last = -1, intervals = 0, squares = 0;
    int spikes = 0;
    for (int step = 1; step <= 10000; step++) {
        v += dt / tau * (rest - v + 10 * current) + 0.3 * (uniform(&state) - 0.5);
        if (v > threshold) {
            v = rest;
            spikes++;
            if (last >= 0)
                intervals += step * dt - last, squares += (step * dt - last) * (step * dt - last);
            last = step * dt;
        }
        sum += v;
        if (step % 1000 == 0) {
            fprintf(voltage, "%d,%.9g\n", step / 1000 - 1, sum / 1000);
            sum = 0;
        }
    }
    fclose(voltage);
    double mean = intervals / (spikes - 1), variance = squares / (spikes - 1) - mean * mean;
    FILE *summary = open_in(arguments[4], "spikes.csv");
    fprintf(summary, "rate_hz,cv\n%d,%.9g\n", spikes, sqrt(variance > 0 ? variance : 0) / mean); /* nan without spikes */
    fclose(summary);
    printf("simulated 1000 ms, %d spikes\n", spikes);
    return 0;
}
