import Foundation

extension FakeSlskd {
    /// Where the stand-in listens, with the `urlBase`, as clients are told it; empty before the first start.
    public var baseURL: String {
        server.port.map { "http://\(settings.host):\($0)\(settings.urlBase)" } ?? ""
    }

    /// Listens, and is logged in at once.
    /// - Throws: when a folder cannot be made or nothing can listen on the port.
    public func start() async throws { try await start(isLoggedIn: true) }

    /// Goes down as in a kill: connections close, transfers stop where they are, partial files stay.
    public func stop() async {
        await server.stop()
        let (tasks, waiters) = fixture.withLock { fixture in
            fixture.isRunning = false
            fixture.connection = .disconnected
            defer { (fixture.tasks, fixture.waiters, fixture.interruptions) = ([:], [], [:]) }
            return (fixture.tasks.values.map(\.task), fixture.waiters)
        }
        for waiter in waiters { waiter.continuation.resume() }
        for task in tasks { task.cancel() }
        for task in tasks { await task.value }
    }

    /// Goes down and comes back on the same port, after a while if wanted; logs in a moment later, and enqueues what
    /// was running under new ids. A volatile one has forgotten everything.
    /// - Parameter absence: real time.
    public func restart(after absence: Duration = .zero) async throws {
        await stop()
        try await Task.sleep(for: absence)
        fixture.withLock { fixture in
            if settings.isVolatile { fixture.records = SlskdRecords() } else { fixture.settleDangling() }
        }
        try await start(isLoggedIn: false)
    }

    private func start(isLoggedIn: Bool) async throws {
        try await disk.prepare()
        fixture.withLock { fixture in
            fixture.isRunning = true
            fixture.connection = isLoggedIn ? .loggedIn : .connecting
            fixture.watches = true
            fixture.openFiles = []
        }
        let responder = SlskdResponder(fake: self)
        try await server.start(responder, host: settings.host, port: settings.port)
        if !isLoggedIn { reconnect() }
    }

    /// Loses the connection to the Soulseek server: searches and transfers fail until it is back.
    ///
    /// - Parameter absence: real time until it begins to reconnect; `nil` waits for ``reconnect()``.
    public func loseNetwork(for absence: Duration? = nil) {
        disconnect(watches: true)
        guard let absence else { return }
        run("watchdog") {
            guard (try? await Task.sleep(for: absence)) != nil else { return }
            let isWanted = self.fixture.withLock { $0.watches && $0.connection == .disconnected }
            if isWanted { self.reconnect() }
        }
    }

    /// Connects and logs in, which takes a moment.
    public func reconnect() {
        fixture.withLock { if $0.isRunning { $0.connection = .connecting } }
        run("login") {
            guard (try? await self.pause(self.timing.login / 2)) != nil else { return }
            self.fixture.withLock { if $0.connection == .connecting { $0.connection = .loggingIn } }
            guard (try? await self.pause(self.timing.login / 2)) != nil else { return }
            let isIn = self.fixture.withLock { fixture in
                guard fixture.connection == .loggingIn else { return false }
                fixture.connection = .loggedIn
                return true
            }
            if isIn { await self.resume() }
        }
    }

    func disconnect(watches: Bool) {
        let names = fixture.withLock { fixture -> [String] in
            fixture.connection = .disconnected
            fixture.watches = watches
            return fixture.records.searches.filter { !$0.state.isCompleted }.map(\.id)
                + fixture.records.inOrder.filter(\.isInProgress).map(\.id)
        }
        for name in names { interrupt(name, .errored("Transfer failed: Remote connection closed")) }
    }

    /// Asks again for what was running when slskd went down, unless somebody has removed it since.
    private func resume() async {
        let transfers = fixture.withLock { fixture in
            defer { fixture.resumable = [] }
            return fixture.resumable.compactMap { fixture.records[$0] }.filter { !$0.removed }
        }
        for (username, group) in Dictionary(grouping: transfers, by: \.username) {
            let transferRequests = group.map { FakeTransferRequest(filename: $0.filename, size: $0.size) }
            guard fixture.withLock({ $0.isOnline(username) }) else { continue }
            _ = try? await enqueue(transferRequests, from: username, batch: nil)
        }
    }
}

extension SlskdFixture {
    /// What slskd does at its start with records that were never finished.
    fileprivate mutating func settleDangling() {
        for transfer in records.inOrder where transfer.isInProgress {
            records[transfer.id]?.state = .errored
            records[transfer.id]?.endedAt = Date()
            records[transfer.id]?.exception = "Application shut down"
            resumable.append(transfer.id)
        }
        for search in records.searches where search.endedAt == nil || !search.state.isCompleted {
            records.change(search: search.id) {
                $0.state = .timedOut
                $0.endedAt = Date()
                ($0.responseCount, $0.fileCount, $0.lockedFileCount, $0.responses) = (0, 0, 0, [])
            }
        }
    }
}
