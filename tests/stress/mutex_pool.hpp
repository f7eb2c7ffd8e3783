// SPDX-License-Identifier: BSD-3-Clause
// A pool of mbufs that ThreadSanitizer sees through: buffers are handed out under a mutex.
//
// Thread: any, once EAL is there.
#pragma once

#include <gtest/gtest.h>
#include <rte_mbuf.h>
#include <rte_mempool.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <mutex>
#include <vector>

namespace stress {

inline constexpr unsigned kMbufs = 16'383;

struct Stack {
    std::mutex mutex;
    std::vector<void *> objects;
};
inline Stack &stack_of(const rte_mempool *pool) {
    return *static_cast<Stack *>(pool->pool_data);
}
inline int stack_alloc(rte_mempool *pool) {
    pool->pool_data = new Stack;
    return 0;
}
inline void stack_free(rte_mempool *pool) {
    delete &stack_of(pool);
}
inline int stack_put(rte_mempool *pool, void *const *objects, unsigned count) {
    const std::lock_guard lock(stack_of(pool).mutex);
    stack_of(pool).objects.insert(stack_of(pool).objects.end(), objects, objects + count);
    return 0;
}
inline int stack_get(rte_mempool *pool, void **objects, unsigned count) {
    const std::lock_guard lock(stack_of(pool).mutex);
    std::vector<void *> &left = stack_of(pool).objects;
    if (left.size() < count)
        return -ENOBUFS;
    std::copy(left.end() - count, left.end(), objects);
    left.resize(left.size() - count);
    return 0;
}
inline unsigned stack_count(const rte_mempool *pool) {
    const std::lock_guard lock(stack_of(pool).mutex);
    return static_cast<unsigned>(stack_of(pool).objects.size());
}

/// Of all tests of the program.
inline rte_mempool *pool() {
    static rte_mempool *const made = [] {
        static rte_mempool_ops ops{};
        std::strcpy(ops.name, "mutex_stack");
        ops.alloc = stack_alloc;
        ops.free = stack_free;
        ops.enqueue = stack_put;
        ops.dequeue = stack_get;
        ops.get_count = stack_count;
        EXPECT_GE(rte_mempool_register_ops(&ops), 0);
        return rte_pktmbuf_pool_create_by_ops("workers", kMbufs, 256, 0,
                                              2048 + RTE_PKTMBUF_HEADROOM, 0, "mutex_stack");
    }();
    return made;
}

} // namespace stress
