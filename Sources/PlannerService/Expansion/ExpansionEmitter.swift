import AMQP
import Contracts
import Logging
import ServiceKit
import ServiceLifecycle

/// Publishes the states of expansions as events. A state that was not confirmed is published again.
struct ExpansionEmitter: Service {
    private static let batchSize = 100

    let store: PlannerStore
    let logger: Logger
    /// Raised when an expansion changed.
    let wake: WakeSignal
    /// Finds changes without a signal: of a process that was killed before it published.
    var poll: Duration = .seconds(2)
    /// Publishes an event and returns when the broker has confirmed it.
    let publish: @Sendable (ExpansionEvent) async throws -> Void

    func run() async throws {
        await cancelWhenGracefulShutdown {
            await withTaskGroup { group in
                group.addTask {
                    repeat { wake.raise() } while (try? await Task.sleep(for: poll)) != nil
                }
                for await _ in wake.raised {
                    if Task.isCancelled { break }
                    await emitLoggingErrors()
                }
                group.cancelAll()
            }
        }
    }

    private func emitLoggingErrors() async {
        do {
            try await emitAll()
        } catch {
            guard !(error is CancellationError) else { return }
            logger.log(
                event: .workerFailed, level: .warning, "events of expansions could not be published; trying again",
                metadata: [LogKey.error: .string("\(error)")])
        }
    }

    /// Publishes everything that is not confirmed.
    func emitAll() async throws {
        while true {
            let changes = try await store.unemittedExpansions(limit: Self.batchSize)
            for (number, event) in changes {
                try await publish(event)
                try await store.didEmit(event, of: number)
            }
            if changes.count < Self.batchSize { return }
        }
    }
}

extension ExpansionEmitter {
    /// An emitter that publishes to the broker.
    init(_ store: PlannerStore, _ runtime: ServiceRuntime, wake: WakeSignal) {
        self.init(store: store, logger: runtime.logger, wake: wake) { event in
            let message = runtime.publisher.messages.message(
                try ContractCoding.encode(event), type: MessageType.expansion, correlationID: event.expansionID.text)
            try await runtime.publisher.publish(
                message, to: ExchangeName.events, key: ExpansionEvent.routingKey)
        }
    }
}
