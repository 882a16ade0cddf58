public import Logging
public import ServiceLifecycle
import Synchronization

/// A secret that the planner stores, for a service that uses it.
///
/// It is requested again and again, so that a change takes effect without a restart. While the planner does not respond,
/// the last value stays in use.
public final class RemoteSecret: Service {
    private let name: SecretName
    private let channel: AccountsChannel
    private let logger: Logger
    private let state = Mutex<State>(State())
    private static let interval = Duration.seconds(30)
    /// The interval while there is no value.
    private static let firstInterval = Duration.seconds(2)

    private struct State {
        var value: String?
        var problem: String? = "has not been requested yet"
    }

    public init(_ name: SecretName, channel: AccountsChannel, logger: Logger) {
        self.name = name
        self.channel = channel
        self.logger = logger
    }

    /// The last known value.
    public var value: String? { state.withLock { $0.value } }

    /// The reason why there is no value, with the remedy. The text continues a sentence that begins with the name.
    public var problem: String? { state.withLock { $0.value == nil ? $0.problem : nil } }

    /// Requests the secret once.
    public func refresh() async {
        do throws(ChannelError) {
            let reply: SecretReply = try await channel.request(ChannelPath.secret, SecretRequest(name: name))
            let problem = reply.problem ?? "is not set; `hdm secrets set \(name.rawValue)` sets it"
            state.withLock { $0 = State(value: reply.value, problem: problem) }
        } catch {
            logger.debug(
                "a secret cannot be requested from the planner",
                metadata: ["name": "\(name.rawValue)", "reason": "\(error)"])
            state.withLock { $0.problem = "is not in the environment, and \(error)" }
        }
    }

    /// Requests the secret at intervals until the service ends.
    public func run() async throws {
        await cancelWhenGracefulShutdown {
            repeat {
                await self.refresh()
            } while (try? await Task.sleep(for: self.value == nil ? Self.firstInterval : Self.interval)) != nil
        }
    }
}
