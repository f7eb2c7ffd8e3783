/* SPDX-License-Identifier: BSD-3-Clause */
/* Nothing of it is needed here. */
