/* The first half of the random labels. */
#define FIRST_QUARTER 0
#include "random_labels.h"
