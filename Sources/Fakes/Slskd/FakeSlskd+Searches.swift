import Contracts
import Foundation

extension FakeSlskd {
    func handleSearches(_ route: FakeRoute, _ call: SlskdCall) async throws(FakeResponse) -> FakeResponse {
        switch route {
        case .startSearch: return try await startSearch(call)
        case .listSearches:
            let searches = fixture.withLock { $0.records.searches }
            return .json(200, .array(searches.map { $0.json(includesResponses: false) }))
        case .responses: return .json(200, .array(try search(call).responses.map(\.json)))
        case .stopSearch:
            let search = try search(call)
            interrupt(search.id, .cancelled)
            return .empty(200)
        case .deleteSearch:
            let search = try search(call)
            fixture.withLock { $0.records.searches.removeAll { $0.id == search.id } }
            return .empty(204)
        default: return .json(200, try search(call).json(includesResponses: call.flag("includeResponses")))
        }
    }

    private func search(_ call: SlskdCall) throws(FakeResponse) -> FakeSearch {
        let search = call.identifier(0).flatMap { id in fixture.withLock { $0.records.search(id) } }
        guard let search else { throw .empty(404) }
        return search
    }

    /// Accepts one request at a time. The record exists even if the search cannot start.
    private func startSearch(_ call: SlskdCall) async throws(FakeResponse) -> FakeResponse {
        let request = try SlskdSearchRequest(call.json())
        let isFree = fixture.withLock { fixture in
            guard fixture.searchPosts == 0 || !version.hasGates else { return false }
            fixture.searchPosts += 1
            return true
        }
        guard isFree else { throw .busy }
        defer { fixture.withLock { $0.searchPosts -= 1 } }
        let search = try addSearch(request)
        try? await pause(timing.searchPosting)
        let query = SlskdQuery(request.text)
        if query.terms.isEmpty { throw fail(search, .text(400, "Search query must contain at least one term")) }
        guard fixture.withLock({ $0.connection == .loggedIn }) else {
            throw fail(search, .text(409, SlskdFailure.notLoggedIn.message))
        }
        run(search.id) { await self.search(search.id, request, query) }
        return .json(200, fixture.withLock { $0.records.search(search.id) ?? search }.json(includesResponses: false))
    }

    private func addSearch(_ request: SlskdSearchRequest) throws(FakeResponse) -> FakeSearch {
        let search = fixture.withLock { fixture -> FakeSearch? in
            guard fixture.records.search(request.id) == nil else { return nil }
            fixture.token += 1
            let search = FakeSearch(
                id: request.id, searchText: request.text, token: fixture.token, startedAt: Date())
            fixture.records.searches.append(search)
            return search
        }
        guard let search else { throw .text(500, "An error occurred while saving the entity changes.") }
        return search
    }

    private func fail(_ search: FakeSearch, _ response: FakeResponse) -> FakeResponse {
        fixture.withLock { fixture in
            fixture.records.change(search: search.id) {
                $0.state = .errored
                $0.endedAt = $0.startedAt
            }
        }
        return response
    }
}
