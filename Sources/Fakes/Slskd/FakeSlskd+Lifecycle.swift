import Foundation

extension FakeSlskd {
    /// The address for clients, with the `urlBase`; empty before the first start.
    public var baseURL: String {
        server.port.map { "http://\(settings.host):\($0)\(settings.urlBase)" } ?? ""
    }

    /// Starts the server, logged in.
    /// - Throws: The error of the folder creation or of the server.
    public func start() async throws { try await start(isLoggedIn: true) }

    /// Stops the server as a kill does: connections close, transfers stop, partial files stay.
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

    /// Stops and starts the server on the same port. It logs in a moment later and enqueues unfinished transfers under
    /// new ids. With ``FakeSettings/isVolatile`` all records are deleted instead.
    /// - Parameter absence: The time between stop and start, in real time.
    public func restart(after absence: Duration = .zero) async throws {
        await stop()
        try await Task.sleep(for: absence)
        fixture.withLock { fixture in
            if settings.isVolatile { fixture.records = SlskdRecords() } else { fixture.failUnfinished() }
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

    /// Disconnects from the Soulseek server. Searches and transfers fail until the connection is restored.
    ///
    /// - Parameter absence: The real time until the reconnection begins; `nil` to wait for ``reconnect()``.
    public func loseNetwork(for absence: Duration? = nil) {
        disconnect(watches: true)
        guard let absence else { return }
        run("watchdog") {
            guard (try? await Task.sleep(for: absence)) != nil else { return }
            let isDown = self.fixture.withLock { $0.watches && $0.connection == .disconnected }
            if isDown { self.reconnect() }
        }
    }

    /// Connects and logs in, which takes ``FakeTiming/login``.
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

    /// Enqueues the transfers that were in progress at the stop, except those that were removed since.
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
    /// Ends the unfinished records, as slskd does at its start.
    fileprivate mutating func failUnfinished() {
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
