import AMQP
import Contracts
public import Fakes
import Logging

extension ManyTransfers {
    /// Publishes one matched job for each file to the download stage, as the match stage does.
    /// - Throws: `AMQPError` if the broker does not confirm a job.
    public func publish(to brokerURL: String) async throws {
        let connection = AMQPConnection(
            ConnectionConfiguration(addresses: [try BrokerAddress(url: brokerURL)], name: "many transfers"),
            logger: Logger(label: "many transfers") { _ in SwiftLogNoOpLogHandler() })
        try await connection.waitUntilOpen(timeout: .seconds(30))
        for job in jobs {
            var properties = MessageProperties()
            properties.correlationID = job.jobID.text
            properties.contentType = "application/json"
            properties.type = MessageType.job
            properties.priority = UInt8(clamping: job.priority)
            try await connection.publish(
                Message(body: try ContractCoding.encode(job), properties: properties), to: ExchangeName.jobs,
                key: RoutingKey.job(.download, priority: job.priority))
        }
        await connection.close()
    }
}
