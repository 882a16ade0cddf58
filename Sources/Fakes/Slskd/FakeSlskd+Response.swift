import Contracts
import Foundation

extension FakeSlskd {
    func begin(_ call: SlskdCall) -> Int {
        fixture.withLock { $0.log.begin(call.method, call.target, call.route) }
    }

    func end(_ index: Int, status: Int?) {
        fixture.withLock { $0.log.end(index, status: status) }
    }

    /// CannedResponses a request with its faults; `nil` where the connection is to be closed instead.
    ///
    /// The work goes on when the client has left meanwhile.
    func answer(_ call: SlskdCall) async -> FakeResponse? {
        guard let route = call.route else { return call.refusal ?? .empty(404) }
        switch takeFault(route) {
        case nil: return await work(route, call)
        case .refuses: return nil
        case .answers(401): return .empty(401)
        case .answers(let status): return .text(status, "Injected failure")
        case .losesAnswer:
            _ = await work(route, call)
            return nil
        case .answersLate(let delay):
            let answer = await work(route, call)
            try? await Task.sleep(for: delay)
            return answer
        case .worksLate(let delay):
            try? await Task.sleep(for: delay)
            return await work(route, call)
        }
    }

    private func work(_ route: FakeRoute, _ call: SlskdCall) async -> FakeResponse {
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

    private func takeFault(_ route: FakeRoute) -> FakeFault? {
        fixture.withLock { fixture in
            guard let index = fixture.faults.firstIndex(where: { $0.concerns(route) }) else { return nil }
            let rule = fixture.faults[index]
            switch rule.times {
            case nil: break
            case 1: fixture.faults.remove(at: index)
            case let times?: fixture.faults[index].times = times - 1
            }
            return rule.fault
        }
    }

    /// What `POST /session` gives.
    static let token = "stand-in-token"
}

extension FakeResponse {
    /// slskd's word for one operation too many.
    static let busy = FakeResponse.text(
        429, "Only one concurrent operation is permitted. Wait until the previous request completes")
}
