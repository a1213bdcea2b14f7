/*
 * Idempotency keys (api.md, Conventions; hazard H02), as the interface needs them.
 */
#ifndef INSTALMENT_DESK_KEY_H
#define INSTALMENT_DESK_KEY_H

#include "desk.h"
#include "store/idempotency.h"

#endif
