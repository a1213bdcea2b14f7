/* The other half of the random labels. */
#define FIRST_QUARTER 2
#include "random_labels.h"
