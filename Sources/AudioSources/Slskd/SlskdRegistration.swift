import Foundation
import ServiceKit

extension SourceRegistration {
    /// The peers of the Soulseek network, through slskd.
    public static let slskd = SourceRegistration(
        SlskdSource.sourceName, summary: "Searches and downloads from the Soulseek network through slskd.",
        settings: SlskdSettings.settings + TransferSettings.settings,
        // Soulseek's server blocks an account for half an hour after about 35 searches in 220 seconds. slskd forwards
        // searches at once, so the gap keeps a full budget from being spent in one burst.
        limits: BudgetLimits(uses: 34, window: .seconds(220), gap: .seconds(1), concurrent: 1),
        search: { environment in
            let settings = try SlskdSettings(environment.settings)
            let secret = try await settings.secret(environment)
            let source = SlskdSource(
                settings, client: settings.client(secret), logger: environment.logger)
            let sweep = SlskdSweep("searches", logger: environment.logger) { try await source.removeLeftovers() }
            return SourcePart(source, services: secret.services + [BackgroundService { try await sweep.run() }])
        },
        fetch: { environment in
            let settings = try SlskdSettings(environment.settings)
            guard let downloads = settings.downloadsFolder else { throw SlskdSettings.missingDownloadsFolder }
            let secret = try await settings.secret(environment)
            let source = SlskdFetchSource(
                client: settings.client(secret), downloads: downloads,
                settings: try TransferSettings(environment.settings), logger: environment.logger)
            let sweep = SlskdSweep("transfers and folders", logger: environment.logger) {
                try await source.removeLeftovers(isFinished: environment.isFinished)
            }
            return SourcePart(source, services: secret.services + [BackgroundService { try await sweep.run() }])
        })
}

extension SlskdSettings {
    /// The API key: the setting, or the stored secret when there is no setting.
    fileprivate func secret(_ environment: SourceEnvironment) async throws -> SourceSecret {
        guard let apiKey else { return try await environment.storedSecret(Self.key.name) }
        return SourceSecret { apiKey }
    }

    fileprivate func client(_ secret: SourceSecret) -> SlskdClient {
        SlskdClient(base: baseURL, limits: limits) { secret.value }
    }
}
