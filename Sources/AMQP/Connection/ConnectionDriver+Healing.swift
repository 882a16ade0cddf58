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
        let repair = try repairTopology()
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
        guard publisher.needsHealing, wire != nil, ContinuousClock.now >= nextHealing else { return }
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

    /// Declares every exchange, queue and binding, and reports those that were missing. Bindings cannot be queried over
    /// AMQP. A refused declaration does not stop the others.
    /// - Throws: ``AMQPError`` only if the connection is lost.
    @discardableResult
    func repairTopology() throws(AMQPError) -> TopologyRepair {
        var repair = TopologyRepair()
        for declaration in registry.declarations {
            do throws(AMQPError) {
                let isMissing = try isMissing(declaration)
                try declareOnCallChannel(declaration)
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

extension AMQPError {
    /// Whether the connection cannot be used after this failure of a call.
    var losesConnection: Bool { [.connectionLost, .timedOut].contains(code) }
}
