extension SlskdStandIn {
    /// What was asked so far.
    public var log: StandInRequestLog { world.withLock { $0.log } }

    /// All transfers in the order of their requests, removed ones too.
    public var transfers: [StandInTransfer] { world.withLock { $0.records.inOrder } }

    /// How many transfers receive bytes.
    public var running: Int { world.withLock { $0.records.running } }

    /// Searches that nobody has deleted.
    public var openSearches: [StandInSearch] { world.withLock { $0.records.searches } }

    /// How often clients asked for a file, from anyone or from one peer.
    public func enqueues(of filename: String, from peer: String? = nil) -> Int {
        log.enqueued.count { $0.filename == filename && (peer == nil || $0.username == peer) }
    }

    /// Files that were asked of the same peer more than once.
    public var enqueuedTwice: [String] {
        let asked = log.enqueued.map { "\($0.username): \($0.filename)" }
        return Dictionary(grouping: asked) { $0 }.filter { $0.value.count > 1 }.keys.sorted()
    }

    /// Adds a fault; the oldest that fits a request is taken.
    ///
    /// - Parameters:
    ///   - routes: none means all.
    ///   - times: how many requests it meets; `nil` means until ``clearFaults()``.
    public func inject(_ fault: StandInFault, on routes: Set<StandInRoute> = [], times: Int? = nil) {
        world.withLock { $0.faults.append(StandInFaultRule(fault: fault, routes: routes, times: times)) }
    }

    public func clearFaults() { world.withLock { $0.faults = [] } }

    /// What happens to finished files from now on.
    public func setMoveFault(_ fault: StandInMoveFault?) { world.withLock { $0.moveFault = fault } }

    /// Adds a peer, or replaces the one of that name; one that had disappeared is back.
    public func setPeer(_ peer: SlskdPeer) {
        world.withLock { world in
            world.peers.removeAll { $0.name == peer.name }
            world.peers.append(peer)
            world.gone.remove(peer.name)
            world.failures[peer.name] = nil
        }
    }

    /// Changes a peer while it works; transfers that run go on as they began.
    public func changePeer(_ name: String, _ change: (inout SlskdPeer) -> Void) {
        world.withLock { world in
            guard let index = world.peers.firstIndex(where: { $0.name == name }) else { return }
            change(&world.peers[index])
            world.gone.remove(name)
        }
    }
}
