import Contracts
import Foundation

extension FakeSlskd {
    func begin(_ call: SlskdCall) -> Int {
        fixture.withLock { $0.log.begin(call.method, call.target, call.route) }
    }

    func end(_ index: Int, status: Int?) {
        fixture.withLock { $0.log.end(index, status: status) }
    }

    /// Processes a request with the injected faults, also if the client has disconnected.
    /// - Returns: `nil` if the connection must be closed without a response.
    func respond(to call: SlskdCall) async -> FakeResponse? {
        guard let route = call.route else { return call.refusal ?? .empty(404) }
        switch nextFault(route) {
        case nil: return await process(route, call)
        case .refuses: return nil
        case .responds(401): return .empty(401)
        case .responds(let status): return .text(status, "Injected failure")
        case .losesResponse:
            _ = await process(route, call)
            return nil
        case .respondsLate(let delay):
            let response = await process(route, call)
            try? await Task.sleep(for: delay)
            return response
        case .worksLate(let delay):
            try? await Task.sleep(for: delay)
            return await process(route, call)
        }
    }

    private func process(_ route: FakeRoute, _ call: SlskdCall) async -> FakeResponse {
        do throws(FakeResponse) {
            if route != .health, route != .login { try check(call) }
            return try await handle(route, call)
        } catch {
            return error
        }
    }

    private func check(_ call: SlskdCall) throws(FakeResponse) {
        if call.header("X-API-Key") == settings.apiKey { return }
        if call.header("Authorization") == "Bearer \(Self.token)" { return }
        throw .empty(401)
    }

    private func handle(_ route: FakeRoute, _ call: SlskdCall) async throws(FakeResponse) -> FakeResponse {
        switch route {
        case .health: FakeResponse(status: 200, body: .plain("Healthy"))
        case .application, .version, .server, .connect, .disconnect, .session, .login, .userStatus:
            try await handleServer(route, call)
        case .startSearch, .listSearches, .search, .responses, .stopSearch, .deleteSearch:
            try await handleSearches(route, call)
        case .enqueue: try await enqueue(call)
        case .enqueueBatch: try await enqueueBatch(call)
        case .batch, .listTransfers, .userTransfers, .transfer, .position, .cancelTransfer, .clearTransfers:
            try handleTransfers(route, call)
        case .events, .raiseEvent: try handleEvents(route, call)
        case .downloads, .downloadsFolder: try await listDownloads(call)
        }
    }

    private func nextFault(_ route: FakeRoute) -> FakeFault? {
        fixture.withLock { fixture in
            guard let index = fixture.faults.firstIndex(where: { $0.affects(route) }) else { return nil }
            let rule = fixture.faults[index]
            switch rule.times {
            case nil: break
            case 1: fixture.faults.remove(at: index)
            case let times?: fixture.faults[index].times = times - 1
            }
            return rule.fault
        }
    }

    /// The token that `POST /session` returns.
    static let token = "fake-slskd-token"
}

extension FakeResponse {
    /// The response of slskd to a request above its concurrency limit.
    static let busy = FakeResponse.text(
        429, "Only one concurrent operation is permitted. Wait until the previous request completes")
}
