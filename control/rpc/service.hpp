// SPDX-License-Identifier: BSD-3-Clause
// mgm.v1.Mgm: one method a call. Lists are filled page by page on gRPC's threads, the next page
// when the client has taken the last: a slow reader holds one page and nobody else.
#pragma once

#include "control/rpc/server.hpp"

#include <mgm.grpc.pb.h>

namespace control::rpc {

class Service final : public mgm::v1::Mgm::CallbackService {
public:
    explicit Service(Backend backend);

    grpc::ServerUnaryReactor *GetStatus(grpc::CallbackServerContext *context,
                                        const mgm::v1::GetStatusRequest *request,
                                        mgm::v1::GetStatusResponse *response) override;
    grpc::ServerUnaryReactor *Reload(grpc::CallbackServerContext *context,
                                     const mgm::v1::ReloadRequest *request,
                                     mgm::v1::ReloadResponse *response) override;
    grpc::ServerWriteReactor<mgm::v1::ShowInterfacesResponse> *
    ShowInterfaces(grpc::CallbackServerContext *context,
                   const mgm::v1::ShowInterfacesRequest *request) override;
    grpc::ServerWriteReactor<mgm::v1::ShowRoutesResponse> *
    ShowRoutes(grpc::CallbackServerContext *context,
               const mgm::v1::ShowRoutesRequest *request) override;
    grpc::ServerWriteReactor<mgm::v1::ShowCountersResponse> *
    ShowCounters(grpc::CallbackServerContext *context,
                 const mgm::v1::ShowCountersRequest *request) override;
    grpc::ServerUnaryReactor *ShowWorkers(grpc::CallbackServerContext *context,
                                          const mgm::v1::ShowWorkersRequest *request,
                                          mgm::v1::ShowWorkersResponse *response) override;
    grpc::ServerWriteReactor<mgm::v1::TraceResponse> *
    Trace(grpc::CallbackServerContext *context, const mgm::v1::TraceRequest *request) override;

private:
    Backend backend_;
};

} // namespace control::rpc
