import Contracts
import Foundation
import Logging
import ServiceLifecycle

/// Ends the process when its shutdown takes too long: a call that hangs on a volume or a database can be neither
/// cancelled nor waited for.
///
/// Nothing is lost by that: unsettled deliveries return to their queues, as after a kill.
struct ShutdownWatchdog: Service {
    let limit: Duration
    let logger: Logger
    /// Ends the process.
    var end: @Sendable () -> Void = {
        LogOutput.process.flush()
        _exit(ExitStatus.software)
    }

    /// Starts the time with the shutdown, or with the failure of another service.
    func run() async throws {
        try? await gracefulShutdown()
        let thread = Thread { [self] in
            // Ended by the end of the process.
            Thread.sleep(forTimeInterval: limit / .seconds(1))
            logger.log(
                event: .serviceStopped, level: .error,
                "the shutdown did not end; the process ends without it. A volume or a database hangs",
                metadata: [LogKey.duration: .stringConvertible(Int(limit / .milliseconds(1)))])
            end()
        }
        thread.name = "shutdown-watchdog"
        thread.start()
    }
}
