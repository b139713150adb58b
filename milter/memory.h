// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace mxward {

// Have the C library take memory as it suits a daemon under libmilter. Without effect where it is
// not glibc.

// First thing, before there are threads.
void TuneAllocator();
// Gives back what is allocated no more. To be called now and then, from any thread; it takes a
// fraction of a millisecond for each megabyte.
void ReturnFreeMemory();

}  // namespace mxward
