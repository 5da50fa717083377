/** A setting that belongs to the machine OctoPrint runs on. */
export type MachinePath = {readonly group: string; readonly title: string; readonly path: readonly string[]};

const group = (name: string, settings: Readonly<Record<string, string>>): readonly MachinePath[] =>
	Object.entries(settings).map(([path, title]) => ({group: name, title, path: path.split('.')}));

/**
 * What a configuration that comes from another machine gets wrong, in groups that are kept or not as one. Folders are not among them: where the data
 * goes is told by the configuration that will be live. Nothing in it is a secret by its name; keys, salts and passwords stay out.
 * Source: `octoprint/schema/config` and the bundled plugins of OctoPrint 1.11; `webcam.stream` and `webcam.snapshot` are those of 1.8 and older.
 */
export const machinePaths: readonly MachinePath[] = [
	...group('network', {
		'server.host': 'Address it listens on',
		'server.port': 'Port it listens on',
		'server.baseUrl': 'Address prefix',
		'server.scheme': 'Address scheme',
		'server.reverseProxy': 'Reverse proxy',
		'plugins.discovery.publicHost': 'Announced host name',
		'plugins.discovery.publicPort': 'Announced port',
		'plugins.discovery.pathPrefix': 'Announced path',
		'plugins.discovery.addresses': 'Announced addresses',
		'plugins.discovery.ignoredAddresses': 'Addresses not announced',
		'plugins.discovery.interfaces': 'Network interfaces for announcements',
		'plugins.discovery.ignoredInterfaces': 'Network interfaces without announcements',
	}),
	...group('serial', {
		'serial.port': 'Serial port',
		'serial.baudrate': 'Baud rate',
		'serial.additionalPorts': 'Additional serial ports',
		'serial.additionalBaudrates': 'Additional baud rates',
		'serial.blacklistedPorts': 'Serial ports never tried',
		'serial.blacklistedBaudrates': 'Baud rates never tried',
	}),
	...group('name', {
		'appearance.name': 'Name of the instance',
		'plugins.discovery.upnpUuid': 'Announced identity',
	}),
	...group('webcam', {
		'webcam.stream': 'Webcam stream',
		'webcam.snapshot': 'Webcam snapshot',
		'webcam.ffmpeg': 'Path of FFmpeg',
		'plugins.classicwebcam.stream': 'Webcam stream',
		'plugins.classicwebcam.snapshot': 'Webcam snapshot',
	}),
	...group('commands', {
		'server.commands.systemShutdownCommand': 'Command that shuts down',
		'server.commands.systemRestartCommand': 'Command that reboots',
		'server.commands.serverRestartCommand': 'Command that restarts OctoPrint',
		'server.commands.localPipCommand': 'Command of pip',
	}),
];
