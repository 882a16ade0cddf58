import Foundation

extension FakeSlskd {
    /// Runs a search to its end. Two searches run at a time; the others wait.
    func search(_ id: String, _ request: SlskdSearchRequest, _ query: SlskdQuery) async {
        var responses: [SlskdResponse] = []
        var state = FakeSearchState.timedOut
        do {
            set(id) { $0.state = .queued }
            state = try await searchSlots.withSlot(id) {
                set(id) { $0.state = .inProgress }
                return try await collect(id, request, query, into: &responses)
            }
        } catch {
            guard let failure = removeInterruption(id) else { return }
            state = failure.state == .cancelled ? .cancelled : .errored
        }
        set(id) { $0.state = state }
        try? await pauseUncancelled(timing.searchStoring)
        store(id, responses)
    }

    /// Collects responses until a limit or the timeout, which each response restarts.
    private func collect(
        _ id: String, _ request: SlskdSearchRequest, _ query: SlskdQuery, into responses: inout [SlskdResponse]
    ) async throws -> FakeSearchState {
        var now = Duration.zero
        for response in found(query, token: fixture.withLock { $0.records.search(id)?.token ?? 0 }) {
            let delay = response.peer.responseDelay
            guard delay - now < request.timeout else { break }
            try await pause(delay - now)
            now = delay
            guard request.accepts(response) else { continue }
            responses.append(response)
            count(id, responses)
            if responses.count >= request.responseLimit { return .responseLimitReached }
            if responses.reduce(0, { $0 + $1.files.count }) >= request.fileLimit { return .fileLimitReached }
        }
        try await pause(request.timeout)
        return .timedOut
    }

    /// Returns the responses of the peers, in the order of their arrival.
    private func found(_ query: SlskdQuery, token: Int) -> [SlskdResponse] {
        let peers = fixture.withLock { fixture in
            fixture.peers.filter { $0.respondsToSearches && !fixture.gone.contains($0.name) }
        }
        let responses = peers.compactMap { peer -> SlskdResponse? in
            let files = peer.files.filter { query.matches($0.path) }
            guard !files.isEmpty else { return nil }
            return SlskdResponse(
                peer: peer, token: token, files: files.filter { !$0.isLocked }, lockedFiles: files.filter(\.isLocked))
        }
        return responses.sorted { $0.peer.responseDelay < $1.peer.responseDelay }
    }

    private func count(_ id: String, _ responses: [SlskdResponse]) {
        set(id) {
            $0.responseCount = responses.count
            $0.fileCount = responses.reduce(0) { $0 + $1.files.count }
            $0.lockedFileCount = responses.reduce(0) { $0 + $1.lockedFiles.count }
        }
    }

    private func store(_ id: String, _ responses: [SlskdResponse]) {
        set(id) {
            $0.endedAt = Date()
            $0.responses = responses
        }
    }

    /// Changes a search, unless it was deleted.
    private func set(_ id: String, _ change: (inout FakeSearch) -> Void) {
        fixture.withLock { fixture in
            guard fixture.isRunning else { return }
            fixture.records.change(search: id, change)
        }
    }
}
