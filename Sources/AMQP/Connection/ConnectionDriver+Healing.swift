import Logging

/// What a comparison of the declared topology with the broker did.
struct TopologyRepair {
    /// The labels of exchanges and queues that were missing and are declared again.
    var healed: [String] = []
    /// The declarations that the broker refused, such as those that exist with other arguments.
    var refused: [AMQPError] = []
}

// Declares again what another client deleted.
extension ConnectionDriver {
    /// The shortest time between two healings for publishes that no queue accepts. Wrong keys would otherwise keep the
    /// connection busy with declarations.
    private static let pauseBetweenHealings = Duration.seconds(1)

    /// Checks the declared topology and declares what is missing.
    /// - Returns: The labels of what was missing; empty while healing is suspended.
    /// - Throws: ``AMQPError`` with the first declaration that the broker refused, after the others were declared.
    func heal() throws(AMQPError) -> [String] {
        guard !isHealingSuspended else { return [] }
        if let reason = publisher.blockedReason {
            // The broker would not reply, and the time limit of the call would close the connection.
            throw AMQPError(
                .refused, "the broker reads nothing from this connection now (\(reason)); heal after its alarm")
        }
        let repair = try repairTopology(comparesArguments: true)
        if let first = repair.refused.first { throw first }
        return repair.healed
    }

    /// Heals the topology if a queue belongs to it. Refused declarations are logged.
    /// - Returns: Whether the queue belongs to it and healing is not suspended.
    func healIfDeclared(queue: String) throws(AMQPError) -> Bool {
        guard !isHealingSuspended, registry.destinations.contains(queue: queue) else { return false }
        try repairTopology()
        return true
    }

    /// Heals the topology for the publishes that no queue accepted, and sends them once more.
    func healForUnroutedPublishes() throws(AMQPError) {
        guard publisher.needsHealing, !publisher.isBlocked, wire != nil, ContinuousClock.now >= nextHealing else {
            return
        }
        nextHealing = .now + Self.pauseBetweenHealings
        try repairTopology()
        publisher.resendUnrouted()
    }

    /// Suspends or resumes healing, also the declarations after a reconnection.
    func setHealingSuspended(_ isSuspended: Bool) {
        isHealingSuspended = isSuspended
        publishDestinations()
    }

    /// Informs the publisher which destinations healing can repair.
    func publishDestinations() {
        publisher.destinations = isHealingSuspended ? DeclaredDestinations() : registry.destinations
    }

    /// Declares the exchanges and queues that are missing, and all bindings, which cannot be queried over AMQP. A refused
    /// declaration does not stop the others.
    /// - Parameter comparesArguments: Whether those that exist are declared too, so that the broker compares their
    ///   arguments. In a cluster that has lost a node each call can take seconds, so that only ``heal()`` does it.
    /// - Throws: ``AMQPError`` only if the connection is lost.
    @discardableResult
    func repairTopology(comparesArguments: Bool = false) throws(AMQPError) -> TopologyRepair {
        var repair = TopologyRepair()
        for declaration in registry.declarations {
            do throws(AMQPError) {
                let isMissing = try isMissing(declaration)
                if isMissing || declaration.isBinding || comparesArguments { try declareOnCallChannel(declaration) }
                if isMissing { repair.healed.append(declaration.label) }
            } catch {
                if error.losesConnection { throw error }
                repair.refused.append(AMQPError(error.code, "\(declaration.label): \(error.message)"))
            }
        }
        report(repair)
        return repair
    }

    func declareOnCallChannel(_ declaration: Declaration) throws(AMQPError) {
        try onCallChannel { wire, channel throws(AMQPError) in try wire.declare(declaration, on: channel) }
    }

    private func isMissing(_ declaration: Declaration) throws(AMQPError) -> Bool {
        do throws(AMQPError) {
            try onCallChannel { wire, channel throws(AMQPError) in try wire.checkExists(declaration, on: channel) }
            return false
        } catch {
            guard error.code == .notFound else { throw error }
            return true
        }
    }

    private func report(_ repair: TopologyRepair) {
        for error in repair.refused {
            logger.error("the broker refuses a declaration of the topology", metadata: ["error": "\(error)"])
        }
        guard !repair.healed.isEmpty else { return }
        logger.warning(
            "objects of the topology were missing and are declared again",
            metadata: ["objects": "\(repair.healed.joined(separator: ", "))"])
        healedBroadcaster.send(repair.healed)
        consumers.expediteRetries()
    }
}

extension Declaration {
    fileprivate var isBinding: Bool { if case .binding = self { true } else { false } }
}

extension AMQPError {
    /// Whether the connection cannot be used after this failure of a call.
    var losesConnection: Bool { [.connectionLost, .timedOut].contains(code) }
}
