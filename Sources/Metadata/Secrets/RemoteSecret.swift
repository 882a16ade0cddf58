public import Foundation
public import Logging
public import ServiceLifecycle
import Synchronization

/// A secret that the gateway keeps, for a service that uses it: asked for again and again, so that a change takes effect
/// without a restart. What was known stays in use while the gateway is away.
public final class RemoteSecret: Service {
    private let name: SecretName
    private let channel: GatewayChannel
    private let logger: Logger
    private let state = Mutex<State>(State())
    private static let interval = Duration.seconds(30)
    /// As long as nothing is known.
    private static let firstInterval = Duration.seconds(2)

    private struct State {
        var value: String?
        var problem: String? = "was not asked for yet"
    }

    public init(_ name: SecretName, channel: GatewayChannel, logger: Logger) {
        self.name = name
        self.channel = channel
        self.logger = logger
    }

    /// Finds the gateway and the key in the settings.
    /// - Throws: `problem`; see ``GatewayChannel/init(text:stateDir:problem:)``.
    public convenience init(
        _ name: SecretName, text: (String) -> String?, stateDir: URL, problem: (String, String) -> any Error,
        logger: Logger
    ) throws {
        self.init(
            name, channel: try GatewayChannel(text: text, stateDir: stateDir, problem: problem), logger: logger)
    }

    /// What is known now.
    public var value: String? { state.withLock { $0.value } }

    /// Why there is no value, and what to do.
    public var problem: String? { state.withLock { $0.value == nil ? $0.problem : nil } }

    /// Asks the gateway.
    public func refresh() async {
        do throws(ChannelError) {
            let reply: SecretReply = try await channel.ask(ChannelPath.secret, SecretRequest(name: name))
            let problem = reply.problem ?? "is not set; `hdm secrets set \(name.rawValue)` sets it"
            state.withLock { $0 = State(value: reply.value, problem: problem) }
        } catch {
            logger.debug(
                "a secret could not be asked for", metadata: ["name": "\(name.rawValue)", "reason": "\(error)"])
            state.withLock { $0.problem = "is not in the environment, and \(error)" }
        }
    }

    public func run() async throws {
        await cancelWhenGracefulShutdown {
            repeat {
                await self.refresh()
            } while (try? await Task.sleep(for: self.value == nil ? Self.firstInterval : Self.interval)) != nil
        }
    }
}
